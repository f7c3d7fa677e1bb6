// The element type stands without brackets, as in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan<i32>, 3);
    c.send(1);
}
