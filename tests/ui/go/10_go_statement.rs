// `go` is a macro here, not a statement.
use goroutines::prelude::*;

fn work() {}

#[goroutine]
fn main() {
    go work();
}
