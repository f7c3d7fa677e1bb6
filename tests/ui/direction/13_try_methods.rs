// Every way to send or receive asks for the direction.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let (tx, rx) = (ch.sender(), ch.receiver());
    let _ = rx.try_send(1);
    let _ = rx.checked_send(1);
    let _ = tx.try_recv();
    let _ = tx.iter().count();
}
