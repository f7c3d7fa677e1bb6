// Rust has no send statement: outside `select!` a send is a method.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    ch <- 1;
}
