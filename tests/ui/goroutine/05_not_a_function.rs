// Only functions have a prologue.
use goroutines::prelude::*;

#[goroutine]
struct Worker;

#[goroutine]
impl Worker {
    fn run(&self) {}
}

fn main() {
    Worker.run();
}
