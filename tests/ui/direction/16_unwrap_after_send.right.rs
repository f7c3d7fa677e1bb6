// Plain `send`; `checked_send` where you want to know that nobody can receive any more.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (tx, rx) = chan::channel(1);
    tx.send(1);
    assert_eq!(rx.recv(), Some(1));
    drop(rx);
    assert!(tx.checked_send(2).is_err());
}
