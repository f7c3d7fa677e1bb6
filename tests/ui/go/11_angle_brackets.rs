// A macro's arguments stand in `()`, `[]` or `{}`: Rust knows no `go!<..>`.
use goroutines::prelude::*;

fn work() {}

#[goroutine]
fn main() {
    go!<work()>;
}
