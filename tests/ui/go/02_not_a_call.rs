// As Go's `go` statement, `go!` takes a call and not any expression.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let mut n = 1;
    go!(1 + 2);
    go!(n += 1);
    go!("hello");
}
