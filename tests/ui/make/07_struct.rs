// The value without content is `()` in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan struct{});
    done.send(());
}
