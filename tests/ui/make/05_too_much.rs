// After the element type comes at most the capacity.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let a = make!(chan i32 3);
    let b = make!(chan i32, 3, 4);
    let c = make!(chan i32, 3 4);
}
