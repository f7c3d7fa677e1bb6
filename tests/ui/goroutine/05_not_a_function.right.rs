// Put it on the methods.
use goroutines::prelude::*;

struct Worker;

impl Worker {
    #[goroutine]
    fn run(&self) -> bool {
        true
    }
}

#[goroutine]
fn main() {
    assert!(Worker.run());
}
