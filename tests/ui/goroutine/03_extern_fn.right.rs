// Let the `extern` function call a Rust one.
use goroutines::prelude::*;

extern "C" fn callback(n: i32) -> i32 {
    handle(n)
}

#[goroutine]
fn handle(n: i32) -> i32 {
    n + 1
}

#[goroutine]
fn main() {
    assert_eq!(callback(1), 2);
}
