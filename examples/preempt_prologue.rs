//! A goroutine that only computes gives way at the entry of its `#[goroutine]` function.
//!
//! Mirrors Go's preemption by `stackguard`: sysmon asks, the next prologue obeys.

use goroutines::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static COUNTED: AtomicU64 = AtomicU64::new(0);
static ENOUGH: AtomicBool = AtomicBool::new(false);

#[goroutine]
fn count() {
    COUNTED.fetch_add(1, Ordering::Relaxed);
}

fn compute() {
    while !ENOUGH.load(Ordering::Relaxed) {
        count();
    }
}

#[goroutine(procs = 1)]
fn main() {
    let counter = spawn(compute);
    while COUNTED.load(Ordering::Relaxed) < 1000 {
        time::sleep(time::MILLISECOND); // the other one has the only P now, and never waits
    }
    println!("main is back");
    println!(
        "the other one is still counting: {}",
        !counter.is_finished()
    );
    ENOUGH.store(true, Ordering::Relaxed);
    counter.join().unwrap();
}
