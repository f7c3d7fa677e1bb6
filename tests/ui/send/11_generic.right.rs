// `T: Send + 'static`.
use goroutines::prelude::*;

fn send_later<T: Send + 'static>(value: T, out: Sender<T>) {
    go!(out.send(value));
}

#[goroutine]
fn main() {
    let ch = make!(chan i32);
    send_later(1, ch.sender());
    assert_eq!(ch.recv(), Some(1));
}
