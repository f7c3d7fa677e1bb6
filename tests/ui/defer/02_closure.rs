// `defer!` makes the closure; Go's `defer func() { .. }()` is only a block here.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    defer!(|| println!("done"));
    defer!(move || {
        println!("done");
    });
}
