//! The scheduler itself: yielding, a hog, blocking system calls, parallel work.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bench_kit::process::{block_thread, threads};
use bench_kit::{Args, fail, hash, hash_input, hashes_per_second, per_op, procs, report};
use goroutines::prelude::*;

pub(crate) fn yield_now(args: &Args) {
    let (n, goroutines) = (args.num("n"), args.num("goroutines"));
    let wg = WaitGroup::new();
    let start = Instant::now();
    for _ in 0..goroutines {
        wg.go(move || (0..n / goroutines).for_each(|_| runtime::gosched()));
    }
    wg.wait();
    per_op("time", start.elapsed(), n);
}

/// While one goroutine computes without calling anything, what is the longest that another one has to wait?
pub(crate) fn hog(args: &Args) {
    let limit = Duration::from_millis(args.num("ms") as u64);
    let (started, stop) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    go!([started, stop], compute(&started, &stop));
    let start = Instant::now();
    let (mut last, mut longest) = (start, Duration::ZERO);
    while last - start < limit {
        runtime::gosched();
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    stop.store(true, Relaxed);
    if !started.load(Relaxed) {
        fail("the hog never started");
    }
    report("delay", longest.as_secs_f64() * 1e3, "ms");
}

/// A plain function, so that no check for preemption comes into its loop.
fn compute(started: &AtomicBool, stop: &AtomicBool) {
    started.store(true, Relaxed);
    let input = hash_input();
    while !stop.load(Relaxed) {
        black_box(hash(black_box(&input)));
    }
}

/// Goroutines that block in a system call, marked (`how=marked`) or not, and two that compute meanwhile.
pub(crate) fn blocking(args: &Args) {
    let (tasks, time) = (
        args.num("tasks"),
        Duration::from_millis(args.num("ms") as u64),
    );
    let marked = args.text("how") == Some("marked");
    let rate = hashes_per_second();
    let (blocked, computing) = (WaitGroup::new(), WaitGroup::new());
    let (stop, chunks) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let start = Instant::now();
    for _ in 0..2 {
        let (stop, chunks) = (stop.clone(), chunks.clone());
        computing.go(move || {
            let input = hash_input();
            while !stop.load(Relaxed) {
                black_box(hash(black_box(&input)));
                chunks.fetch_add(1, Relaxed);
            }
        });
    }
    for _ in 0..tasks {
        blocked.go(move || {
            if marked {
                runtime::blocking(|| block_thread(time))
            } else {
                block_thread(time)
            }
        });
    }
    blocked.wait();
    let wall = start.elapsed().as_secs_f64();
    stop.store(true, Relaxed);
    computing.wait();
    report("wall", wall * 1e3, "ms");
    report(
        "compute",
        chunks.load(Relaxed) as f64 / (rate * wall * procs().min(2) as f64) * 100.0,
        "%",
    );
    report("threads", threads(), "threads");
}

pub(crate) fn parallel(args: &Args) {
    let tasks = args.num("tasks");
    let input: Arc<[u64]> = hash_input().into();
    let start = Instant::now();
    for _ in 0..tasks {
        black_box(hash(black_box(&input)));
    }
    let serial = start.elapsed();
    let wg = WaitGroup::new();
    let start = Instant::now();
    for _ in 0..tasks {
        let input = input.clone();
        wg.go(move || black_box(hash(black_box(&input))));
    }
    wg.wait();
    bench_kit::parallel(tasks, serial, start.elapsed());
}
