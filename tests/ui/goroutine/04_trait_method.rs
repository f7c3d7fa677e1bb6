// A method without a body has no code to prepare.
use goroutines::prelude::*;

trait Task {
    #[goroutine]
    fn run(&self);
}

fn main() {}
