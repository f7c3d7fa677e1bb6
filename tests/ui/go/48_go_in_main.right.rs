// The call stands in `go!(..)`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!(c.clone().send(1));
    assert_eq!(c.recv(), Some(1));
}
