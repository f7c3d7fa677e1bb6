// How many Ps there are is decided when the runtime starts.
use goroutines::prelude::*;

#[goroutine(procs = 4)]
fn work() {}

#[goroutine]
fn main() {
    work();
}
