// `make` is a macro: only a macro can have `chan i32` in its brackets.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make(chan i32, 1);
    c.send(1);
}
