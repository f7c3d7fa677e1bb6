// `sender()` gives a handle that can send.
use goroutines::prelude::*;

fn produce(out: Sender<i32>) {
    out.send(1);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!(produce(ch.sender()));
    assert_eq!(ch.recv(), Some(1));
}
