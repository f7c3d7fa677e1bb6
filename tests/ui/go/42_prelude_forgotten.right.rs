// One line at the top of every file that uses goroutines.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!(c.clone().send(1));
    assert_eq!(c.recv(), Some(1));
}
