// Go's `range 3`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 3);
    for i in 0..3 {
        c.send(i);
    }
    assert_eq!(c.len(), 3);
}
