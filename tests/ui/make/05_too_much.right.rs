// A comma may follow it.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 3,);
    assert_eq!(ch.cap(), 3);
}
