//! Mutexes, wait groups, once.

use std::sync::Arc;
use std::time::Instant;

use bench_kit::{Args, fail, per_op};
use goroutines::prelude::*;
use goroutines::sync::{Mutex, Once, RWMutex};

pub(crate) fn mutex(args: &Args) {
    let (n, goroutines) = (args.num("n"), args.num("goroutines"));
    let counter = Arc::new(Mutex::new(0_usize));
    let wg = WaitGroup::new();
    let start = Instant::now();
    for _ in 0..goroutines {
        let counter = counter.clone();
        wg.go(move || {
            for _ in 0..n / goroutines {
                *counter.lock() += 1;
            }
        });
    }
    wg.wait();
    per_op("time", start.elapsed(), n);
    if *counter.lock() != n / goroutines * goroutines {
        fail("lost an update");
    }
}

pub(crate) fn rwmutex(args: &Args) {
    let (n, readers, writers) = (args.num("n"), args.num("readers"), args.num("writers"));
    let each = n / (readers + writers);
    let counter = Arc::new(RWMutex::new(0_usize));
    let wg = WaitGroup::new();
    let start = Instant::now();
    for _ in 0..readers {
        let counter = counter.clone();
        wg.go(move || {
            let seen = (0..each).fold(0_usize, |seen, _| seen.wrapping_add(*counter.read()));
            std::hint::black_box(seen);
        });
    }
    for _ in 0..writers {
        let counter = counter.clone();
        wg.go(move || (0..each).for_each(|_| *counter.write() += 1));
    }
    wg.wait();
    per_op("time", start.elapsed(), each * (readers + writers));
}

pub(crate) fn waitgroup(args: &Args) {
    let (n, goroutines) = (args.num("n"), args.num("goroutines"));
    let (shared, wg) = (WaitGroup::new(), WaitGroup::new());
    let start = Instant::now();
    for _ in 0..goroutines {
        let shared = shared.clone();
        wg.go(move || {
            for _ in 0..n / goroutines {
                shared.add(1);
                shared.done();
            }
        });
    }
    wg.wait();
    per_op("time", start.elapsed(), n);
}

pub(crate) fn once(args: &Args) {
    let n = args.num("n");
    let once = Once::new();
    let mut calls = 0;
    let start = Instant::now();
    for _ in 0..n {
        std::hint::black_box(&once).do_(|| calls += 1);
    }
    per_op("time", start.elapsed(), n);
    if calls != 1 {
        fail("not once");
    }
}
