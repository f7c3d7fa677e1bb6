// `0..3` is 0, 1, 2.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 3);
    for i in 0..3 {
        c.send(i);
    }
    assert_eq!(c.len(), 3);
}
