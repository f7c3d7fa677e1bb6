//! A mistake that shows under some schedules only, found and repeated.
//!
//! Mirrors no tool of Go's: there one runs the test often, and hopes.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use goroutines::testing;
use std::sync::Arc;

/// Two goroutines count. Each looks, and writes later.
fn count_to_two() -> u32 {
    let n = Arc::new(Mutex::new(0));
    let wg = WaitGroup::new();
    for _ in 0..2 {
        let n = n.clone();
        wg.go(move || {
            let old = *n.lock();
            *n.lock() = old + 1;
        });
    }
    wg.wait();
    *n.lock()
}

#[goroutine]
fn main() {
    let found = recover(|| testing::explore(1000, || assert_eq!(count_to_two(), 2)));
    println!("{}", found.unwrap_err().message());

    let seed = (1..).find(|&seed| testing::replay(seed, count_to_two) != 2);
    let seed = seed.unwrap();
    for _ in 0..3 {
        println!("it counts to {}", testing::replay(seed, count_to_two));
    }
}
