//! Sixteen loops that call nothing, one processor, and a goroutine that sleeps.
//!
//! Mirrors Go's asynchronous preemption (since 1.14): a signal stops a loop at any instruction, and it
//! goes on there when its turn comes.

use goroutines::prelude::*;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

fn count(stop: &AtomicBool, rounds: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        (0..1000).for_each(|n| {
            black_box(n);
        });
        rounds.fetch_add(1, Ordering::Relaxed);
    }
}

#[goroutine(procs = 1)]
fn main() {
    let stop = Arc::new(AtomicBool::new(false));
    let rounds: Arc<Vec<AtomicU64>> = Arc::new((0..16).map(|_| AtomicU64::new(0)).collect());
    let wg = WaitGroup::new();
    for i in 0..16 {
        let (stop, rounds) = (stop.clone(), rounds.clone());
        wg.go(move || count(&stop, &rounds[i]));
    }
    for i in 1..=5 {
        time::sleep(40 * time::MILLISECOND);
        println!("main has slept {i} times");
    }
    // Each of them has had its turn, again and again.
    while rounds.iter().any(|r| r.load(Ordering::Relaxed) == 0) {
        time::sleep(10 * time::MILLISECOND);
    }
    stop.store(true, Ordering::Relaxed);
    wg.wait();
    println!("all sixteen have computed");
}
