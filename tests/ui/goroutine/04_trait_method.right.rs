// The attribute goes on implementations and on default bodies.
use goroutines::prelude::*;

trait Task {
    fn run(&self) -> i32;

    #[goroutine]
    fn twice(&self) -> i32 {
        self.run() + self.run()
    }
}

struct One;

impl Task for One {
    #[goroutine]
    fn run(&self) -> i32 {
        1
    }
}

#[goroutine]
fn main() {
    assert_eq!(One.twice(), 2);
}
