//! The scheduler itself: yielding, a hog, blocking system calls, parallel work.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bench_kit::process::{block_thread, threads};
use bench_kit::{Args, fail, hash, hash_input, hashes_per_second, per_op, procs, report};

use crate::Countdown;

pub async fn yield_now(args: &Args) {
    let (n, tasks) = (args.num("n"), args.num("goroutines"));
    let wg = Countdown::new(tasks);
    let start = Instant::now();
    for _ in 0..tasks {
        let wg = wg.clone();
        tokio::spawn(async move {
            for _ in 0..n / tasks {
                tokio::task::yield_now().await;
            }
            wg.done();
        });
    }
    wg.wait().await;
    per_op("time", start.elapsed(), n);
}

/// Nothing takes the worker from the hog, so it stops by the clock, or the other task would never end.
pub async fn hog(args: &Args) {
    let limit = Duration::from_millis(args.num("ms") as u64);
    let started = Arc::new(AtomicBool::new(false));
    let begun = started.clone();
    tokio::spawn(async move {
        begun.store(true, Relaxed);
        bench_kit::burn(limit);
    });
    let start = Instant::now();
    let (mut last, mut longest) = (start, Duration::ZERO);
    while last - start < limit {
        tokio::task::yield_now().await;
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    if !started.load(Relaxed) {
        fail("the hog never started");
    }
    report("delay", longest.as_secs_f64() * 1e3, "ms");
}

/// `how=marked`: `spawn_blocking`; `how=plain`: the call blocks the worker.
pub async fn blocking(args: &Args) {
    let (tasks, time) = (
        args.num("tasks"),
        Duration::from_millis(args.num("ms") as u64),
    );
    let marked = args.text("how") == Some("marked");
    let rate = hashes_per_second();
    let (blocked, computing) = (Countdown::new(tasks), Countdown::new(2));
    let (stop, chunks) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let start = Instant::now();
    for _ in 0..2 {
        let (stop, chunks, computing) = (stop.clone(), chunks.clone(), computing.clone());
        tokio::spawn(async move {
            let input = hash_input();
            while !stop.load(Relaxed) {
                black_box(hash(black_box(&input)));
                chunks.fetch_add(1, Relaxed);
                // Without this the two would hold both workers for ever.
                tokio::task::yield_now().await;
            }
            computing.done();
        });
    }
    for _ in 0..tasks {
        let blocked = blocked.clone();
        let call = move || {
            block_thread(time);
            blocked.done();
        };
        if marked {
            tokio::task::spawn_blocking(call);
        } else {
            tokio::spawn(async move { call() });
        }
    }
    blocked.wait().await;
    let wall = start.elapsed().as_secs_f64();
    stop.store(true, Relaxed);
    computing.wait().await;
    report("wall", wall * 1e3, "ms");
    report(
        "compute",
        chunks.load(Relaxed) as f64 / (rate * wall * procs().min(2) as f64) * 100.0,
        "%",
    );
    report("threads", threads(), "threads");
}

pub async fn parallel(args: &Args) {
    let tasks = args.num("tasks");
    let input: Arc<[u64]> = hash_input().into();
    let start = Instant::now();
    for _ in 0..tasks {
        black_box(hash(black_box(&input)));
    }
    let serial = start.elapsed();
    let wg = Countdown::new(tasks);
    let start = Instant::now();
    for _ in 0..tasks {
        let (input, wg) = (input.clone(), wg.clone());
        tokio::spawn(async move {
            black_box(hash(black_box(&input)));
            wg.done();
        });
    }
    wg.wait().await;
    bench_kit::parallel(tasks, serial, start.elapsed());
}
