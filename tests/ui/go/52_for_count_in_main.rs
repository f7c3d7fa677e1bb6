// Rust counts with a range.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 3);
    for i := 0; i < 3; i++ {
        c.send(i);
    }
}
