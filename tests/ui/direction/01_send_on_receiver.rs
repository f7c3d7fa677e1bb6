// A `Receiver<T>` (Go: `<-chan T`) only receives.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let rx = ch.receiver();
    rx.send(1);
}
