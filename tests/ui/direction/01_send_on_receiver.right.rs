// Send on the `Chan`, or on its `Sender`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let (tx, rx) = (ch.sender(), ch.receiver());
    tx.send(1);
    assert_eq!(rx.recv(), Some(1));
}
