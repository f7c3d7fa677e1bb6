// `sender()` and `receiver()`; or both ends at once.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let (tx, rx) = (ch.sender(), ch.receiver());
    tx.send(1);
    assert_eq!(rx.recv(), Some(1));
    let (tx, rx) = goroutines::chan::channel(1);
    tx.send("one");
    assert_eq!(rx.recv(), Some("one"));
}
