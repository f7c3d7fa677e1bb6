// `make!(chan T)`, and a capacity if it is buffered.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let a = make!(chan i32);
    let b = make!(chan Vec<(u8, String)>, 2 * 8);
    assert_eq!((a.cap(), b.cap()), (0, 16));
}
