//! Concurrency and parallelism: how many goroutines run at the same instant.
//!
//! Mirrors the tutorials' `runtime.GOMAXPROCS(1)` against `runtime.GOMAXPROCS(runtime.NumCPU())`.
//! The goroutines count how many of them are in the middle of their work.

use goroutines::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// One millisecond of work that never waits for anything.
fn work() {
    let running = RUNNING.fetch_add(1, Ordering::Relaxed) + 1;
    MOST.fetch_max(running, Ordering::Relaxed);
    let start = time::now();
    while time::since(start) < time::MILLISECOND {}
    RUNNING.fetch_sub(1, Ordering::Relaxed);
}

#[goroutine]
fn main() {
    for procs in [1, runtime::num_cpu()] {
        runtime::gomaxprocs(procs);
        MOST.store(0, Ordering::Relaxed);
        let wg = WaitGroup::new();
        for _ in 0..50 * procs {
            wg.go(work);
        }
        wg.wait();
        let most = MOST.load(Ordering::Relaxed);
        println!("GOMAXPROCS={procs}: at most {most} running at once");
    }
}
