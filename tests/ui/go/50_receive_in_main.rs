// A receive is a method call. It gives an `Option`, which says what `ok` says in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    let v = <-c;
    println!("{v:?}");
}
