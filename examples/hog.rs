//! A loop that never lets go of its thread, on one processor, and main runs all the same.
//!
//! Mirrors `for {}` at `GOMAXPROCS(1)`, which stopped every Go program before version 1.14: nothing
//! in the loop gives the scheduler a chance. Here, as in Go since, sysmon interrupts the loop's thread
//! by a signal after one time slice of 10 ms; it sleeps where it is, and others have the processor.

use goroutines::prelude::*;
use std::hint;
use std::sync::atomic::{AtomicBool, Ordering};

static ENOUGH: AtomicBool = AtomicBool::new(false);

fn hog() {
    while !ENOUGH.load(Ordering::Relaxed) {
        hint::spin_loop();
    }
    println!("hog: stopped by main");
}

#[goroutine(procs = 1)]
fn main() {
    let wg = WaitGroup::new();
    wg.go(hog);
    for i in 1..=3 {
        time::sleep(5 * time::MILLISECOND);
        println!("main: still running {i}");
    }
    ENOUGH.store(true, Ordering::Relaxed);
    wg.wait();
}
