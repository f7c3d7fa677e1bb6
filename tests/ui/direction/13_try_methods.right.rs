// `try_send` and `checked_send` send; `try_recv` and `iter` receive.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 2);
    let (tx, rx) = (ch.sender(), ch.receiver());
    assert!(tx.try_send(1).is_ok());
    assert!(tx.checked_send(2).is_ok());
    tx.close();
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.iter().count(), 1);
}
