// Each option is given once.
use goroutines::prelude::*;

#[goroutine(stack = 65536, stack = "64KiB")]
fn work() {}

fn main() {
    work();
}
