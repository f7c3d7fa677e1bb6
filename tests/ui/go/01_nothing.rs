// `go!` needs something to run.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    go!();
}
