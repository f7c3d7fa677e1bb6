// Different options, separated by commas.
use goroutines::prelude::*;

#[goroutine(stack = 65536, crate = goroutines)]
fn work() -> i32 {
    1
}

#[goroutine]
fn main() {
    assert_eq!(work(), 1);
}
