//! Exercise of the chapter "Goroutine pools": a limit without a pool.
//!
//! Mirrors the Go idiom of a buffered channel as a semaphore: a send takes one of three places, a
//! receive frees it.

use goroutines::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn task() {
    MOST.fetch_max(
        RUNNING.fetch_add(1, Ordering::Relaxed) + 1,
        Ordering::Relaxed,
    );
    time::sleep(5 * time::MILLISECOND);
    RUNNING.fetch_sub(1, Ordering::Relaxed);
}

#[goroutine]
fn main() {
    let permits = make!(chan(), 3);
    let wg = WaitGroup::new();
    for _ in 0..20 {
        permits.send(());
        wg.add(1);
        go!([permits, wg], {
            task();
            permits.recv();
            wg.done();
        });
    }
    wg.wait();
    println!("20 tasks, at most {} at once", MOST.load(Ordering::Relaxed));
}
