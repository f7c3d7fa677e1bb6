//! A plain function runs off its goroutine's stack: a report, not a memory error.
//!
//! Mirrors nothing of Go's, where every function checks; here only `#[goroutine]` functions do.

use goroutines::prelude::*;
use std::hint::black_box;

fn endless(n: u64) -> u64 {
    if n == u64::MAX {
        0
    } else {
        black_box(endless(black_box(n) + 1)) + 1
    }
}

#[goroutine]
fn main() {
    let deep = spawn(|| endless(0));
    println!("{}", deep.join().unwrap());
}
