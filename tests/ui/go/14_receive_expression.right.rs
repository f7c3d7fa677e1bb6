// `ch.recv()` is Go's `v, ok := <-ch` in one value.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    ch.send(1);
    ch.close();
    assert_eq!(ch.recv(), Some(1));
    assert_eq!(ch.recv(), None);
}
