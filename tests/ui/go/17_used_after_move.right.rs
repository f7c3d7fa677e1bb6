// A capture list gives the goroutine a handle of its own.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!([ch], { ch.send(1) });
    assert_eq!(ch.recv(), Some(1));
}
