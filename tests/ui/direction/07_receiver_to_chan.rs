// A direction cannot be given back: a `Receiver` does not become a `Chan` again.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32).receiver();
    let ch: Chan<i32> = rx;
    ch.close();
}
