// What is to be sent is known before `select!` waits.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (tx, rx) = (make!(chan i32, 1), make!(chan i32, 1));
    rx.send(6);
    if let Some(v) = rx.recv() {
        select! {
            tx <- v => {}
        }
    }
    assert_eq!(tx.recv(), Some(6));
}
