//! A goroutine that only computes gives way at the entry of its `#[goroutine]` function.
//!
//! Mirrors Go's preemption by `stackguard`: sysmon asks, the next prologue obeys.

use goroutines::prelude::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

static ENOUGH: AtomicBool = AtomicBool::new(false);

#[goroutine]
fn count(n: u64) -> u64 {
    black_box(n) + 1
}

fn compute() -> u64 {
    let mut n = 0;
    while !ENOUGH.load(Ordering::Relaxed) {
        n = count(n);
    }
    n
}

#[goroutine(procs = 1)]
fn main() {
    let counter = spawn(compute);
    time::sleep(time::MILLISECOND); // the other one has the only P now, and never waits
    println!("main is back");
    ENOUGH.store(true, Ordering::Relaxed);
    println!(
        "the other one has counted: {}",
        counter.join().unwrap() > 1000
    );
}
