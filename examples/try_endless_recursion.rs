//! A `#[goroutine]` function without an end, and a limit of eight megabytes.
//!
//! Mirrors Go's fatal error `stack overflow` and `debug.SetMaxStack`.

use goroutines::prelude::*;
use std::hint::black_box;

#[goroutine]
fn endless(n: u64) -> u64 {
    if n == u64::MAX {
        0
    } else {
        black_box(endless(black_box(n) + 1)) + 1
    }
}

#[goroutine]
fn main() {
    goroutines::debug::set_max_stack(8 << 20);
    println!("{}", endless(0));
}
