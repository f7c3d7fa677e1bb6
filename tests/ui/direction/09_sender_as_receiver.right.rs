// Take both ends from one channel and give each to its side.
use goroutines::prelude::*;

fn consume(rx: Receiver<i32>) -> Option<i32> {
    rx.recv()
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let (tx, rx) = (ch.sender(), ch.receiver());
    tx.send(5);
    assert_eq!(consume(rx), Some(5));
}
