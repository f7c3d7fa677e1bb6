// A `Duration` is multiplied by whole numbers, as in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    time::sleep(0.5 * time::SECOND);
}
