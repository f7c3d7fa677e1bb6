// `None` is Go's nil channel: never ready.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(1);
    let open = false;
    let ready = select! {
        <-open.then_some(&rx) => true,
        default => false,
    };
    assert!(!ready);
}
