//! Mutexes and wait groups.

use std::sync::Arc;
use std::time::Instant;

use bench_kit::{Args, fail, per_op};
use may::go;
use may::sync::{Mutex, RwLock, WaitGroup};

use crate::Countdown;

pub fn mutex(args: &Args) {
    let (n, coroutines) = (args.num("n"), args.num("goroutines"));
    let counter = Arc::new(Mutex::new(0_usize));
    let wg = Countdown::new(coroutines);
    let start = Instant::now();
    for _ in 0..coroutines {
        let (counter, wg) = (counter.clone(), wg.clone());
        go!(move || {
            for _ in 0..n / coroutines {
                *counter.lock().expect("no panic") += 1;
            }
            wg.done();
        });
    }
    wg.wait();
    per_op("time", start.elapsed(), n);
    if *counter.lock().expect("no panic") != n / coroutines * coroutines {
        fail("lost an update");
    }
}

pub fn rwmutex(args: &Args) {
    let (n, readers, writers) = (args.num("n"), args.num("readers"), args.num("writers"));
    let each = n / (readers + writers);
    let counter = Arc::new(RwLock::new(0_usize));
    let wg = Countdown::new(readers + writers);
    let start = Instant::now();
    for _ in 0..readers {
        let (counter, wg) = (counter.clone(), wg.clone());
        go!(move || {
            let mut seen = 0_usize;
            for _ in 0..each {
                seen = seen.wrapping_add(*counter.read().expect("no panic"));
            }
            std::hint::black_box(seen);
            wg.done();
        });
    }
    for _ in 0..writers {
        let (counter, wg) = (counter.clone(), wg.clone());
        go!(move || {
            for _ in 0..each {
                *counter.write().expect("no panic") += 1;
            }
            wg.done();
        });
    }
    wg.wait();
    per_op("time", start.elapsed(), each * (readers + writers));
}

/// may's `WaitGroup` counts clones: a clone is `Add(1)`, its drop `Done()`.
pub fn waitgroup(args: &Args) {
    let (n, coroutines) = (args.num("n"), args.num("goroutines"));
    let shared = WaitGroup::new();
    let wg = Countdown::new(coroutines);
    let start = Instant::now();
    for _ in 0..coroutines {
        let (shared, wg) = (shared.clone(), wg.clone());
        go!(move || {
            for _ in 0..n / coroutines {
                drop(shared.clone());
            }
            wg.done();
        });
    }
    wg.wait();
    per_op("time", start.elapsed(), n);
}
