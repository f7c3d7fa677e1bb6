// The body runs when the value is sent; `checked_send` is the send with a result.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let sent = select! {
        ch <- 1 => true,
        default => false,
    };
    assert!(sent);
    ch.close();
    assert!(ch.checked_send(2).is_err());
}
