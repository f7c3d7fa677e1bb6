// Without `async` it is called like any function.
use goroutines::prelude::*;

#[goroutine]
fn fetch() -> i32 {
    1
}

#[goroutine]
fn main() {
    assert_eq!(fetch(), 1);
}
