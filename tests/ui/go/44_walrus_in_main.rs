// In a function rustc reads `:=` before any macro of ours: a new variable is `let`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    done := make!(chan bool);
    drop(done);
}
