// A block in `go!` moves by itself; `move` belongs to closures.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!(move { c.send(1) });
}
