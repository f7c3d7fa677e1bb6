// Go's `func() { .. }()` is a block or a closure in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!(func() { ch.send(1) }());
}
