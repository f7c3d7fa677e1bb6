// `ch.send(v)` is Go's `ch <- v`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    ch.send(1);
    assert_eq!(ch.len(), 1);
}
