// `sender()` is the end that sends.
use goroutines::prelude::*;

fn produce(tx: Sender<i32>) {
    tx.send(1);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    produce(ch.sender());
    assert_eq!(ch.recv(), Some(1));
}
