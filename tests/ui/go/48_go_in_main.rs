// In a function rustc reads `go f()` first and takes `go` for a variable; our message comes after its own.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go c.clone().send(1);
    println!("{:?}", c.recv());
}
