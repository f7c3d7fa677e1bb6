// `send` waits for a place, as the arrow does in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    assert_eq!(c.len(), 1);
}
