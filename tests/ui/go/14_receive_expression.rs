// Rust has no receive operator: outside `select!` a receive is a method.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let v = <-ch;
}
