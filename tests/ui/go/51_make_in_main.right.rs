// `make!` with the same words.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    assert_eq!(c.recv(), Some(1));
}
