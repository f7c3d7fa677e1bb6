//! A thousand goroutines started by one: idle processors take their share.
//!
//! Mirrors "when its own queue is empty, an M steals half of another P's queue". A P's queue holds
//! 256 goroutines; what does not fit goes to the global queue, where everybody looks too. An
//! argument asks for another number of goroutines.

use goroutines::prelude::*;
use std::collections::HashMap;
use std::thread;

/// A millisecond of work that never waits for anything.
fn work() {
    let start = time::now();
    while time::since(start) < time::MILLISECOND {}
}

#[goroutine(procs = 2)]
fn main() {
    let goroutines = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1000);
    let (tx, rx) = chan::channel(goroutines);
    for _ in 0..goroutines {
        go!([tx], {
            let m = thread::current().id();
            work();
            tx.send(m);
        });
    }
    drop(tx);

    let mut ran = HashMap::new();
    for m in rx {
        *ran.entry(m).or_insert(0) += 1;
    }
    println!("{} goroutines ran", ran.values().sum::<usize>());
    let shares = ran.values().filter(|&&n| n >= goroutines / 10).count();
    println!("two threads had a good share: {}", shares >= 2);
}
