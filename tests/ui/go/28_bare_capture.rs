// A capture list has brackets. Without them `go!` sees a list of values.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!(c, { c.send(1) });
    println!("{:?}", c.recv());
}
