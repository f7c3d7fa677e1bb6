//! What a mutex costs: nobody else wants it; all want it and hold it briefly; a channel instead.
//!
//! Mirrors "a mutex must cost performance" of some introductions.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::hint::black_box;
use std::sync::Arc;

const ADDS: u32 = 1_000_000;

/// Nanoseconds for one of `ADDS` additions.
fn nanos(start: time::Instant) -> f64 {
    time::since(start).as_secs_f64() * 1e9 / f64::from(ADDS)
}

fn alone() -> f64 {
    let n = Mutex::new(0);
    let start = time::now();
    for _ in 0..ADDS {
        *black_box(&n).lock() += 1;
    }
    nanos(start)
}

fn four_goroutines() -> f64 {
    let n = Arc::new(Mutex::new(0));
    let wg = WaitGroup::new();
    let start = time::now();
    for _ in 0..4 {
        let n = n.clone();
        wg.go(move || {
            for _ in 0..ADDS / 4 {
                *n.lock() += 1;
            }
        });
    }
    wg.wait();
    assert_eq!(*n.lock(), ADDS);
    nanos(start)
}

fn over_a_channel() -> f64 {
    let (add, adds) = chan::channel(0);
    let start = time::now();
    go!({
        for _ in 0..ADDS {
            add.send(1);
        }
    });
    assert_eq!(adds.iter().sum::<u32>(), ADDS);
    nanos(start)
}

#[goroutine]
fn main() {
    println!("a lock that nobody else wants: {:.1} ns", alone());
    println!("a lock that four want: {:.1} ns", four_goroutines());
    println!("a message to the owner instead: {:.1} ns", over_a_channel());
}
