// The options are `stack`, `procs` and `crate`.
use goroutines::prelude::*;

#[goroutine(threads = 4)]
fn one() {}

#[goroutine(stack)]
fn two() {}

#[goroutine("64KiB")]
fn three() {}

fn main() {
    one();
    two();
    three();
}
