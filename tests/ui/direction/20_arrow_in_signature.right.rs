// The direction is a type.
use goroutines::prelude::*;

fn produce(out: Sender<i32>) {
    out.send(1);
}

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    produce(c.sender());
    assert_eq!(c.recv(), Some(1));
}
