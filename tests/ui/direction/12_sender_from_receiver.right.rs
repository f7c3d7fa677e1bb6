// `sender()` is on the `Chan` and on a `Sender`.
use goroutines::prelude::*;

fn produce(tx: Sender<i32>) {
    let second = tx.sender();
    second.send(1);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    produce(ch.sender());
    assert_eq!(ch.recv(), Some(1));
}
