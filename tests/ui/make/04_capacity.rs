// A capacity is a `usize`: what makes Go panic does not compile.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let a = make!(chan i32, -1);
    let b = make!(chan i32, "3");
}
