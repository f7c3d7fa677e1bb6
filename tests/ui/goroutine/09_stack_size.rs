// A size has a unit that is a power of two.
use goroutines::prelude::*;

#[goroutine(stack = "64kb")]
fn one() {}

#[goroutine(stack = "big")]
fn two() {}

fn main() {
    one();
    two();
}
