// The sender closes; the receiver sees the end of the values.
use goroutines::prelude::*;

fn produce(tx: Sender<i32>) {
    tx.send(1);
    tx.close();
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    produce(ch.sender());
    assert_eq!(ch.recv(), Some(1));
    assert_eq!(ch.recv(), None);
}
