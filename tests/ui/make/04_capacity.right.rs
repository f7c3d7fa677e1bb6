// Convert what is not.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let n: i64 = 3;
    let ch = make!(chan i32, usize::try_from(n).unwrap_or(0));
    assert_eq!(ch.cap(), 3);
}
