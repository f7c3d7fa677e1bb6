// Rust's names for Go's types.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let a = make!(chan isize, 1);
    let b = make!(chan f64);
    assert_eq!((a.cap(), b.cap()), (1, 0));
}
