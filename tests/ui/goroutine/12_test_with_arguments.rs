// A test takes no arguments.
use goroutines::prelude::*;

#[goroutine]
#[test]
fn adds(a: i32) {
    assert_eq!(a, a);
}

fn main() {}
