//! Mutexes and once, tokio's own: their guards may be held over an `.await`.

use std::sync::Arc;
use std::time::Instant;

use bench_kit::{Args, fail, per_op};
use tokio::sync::{Mutex, OnceCell, RwLock};

use crate::Countdown;

pub async fn mutex(args: &Args) {
    let (n, tasks) = (args.num("n"), args.num("goroutines"));
    let counter = Arc::new(Mutex::new(0_usize));
    let wg = Countdown::new(tasks);
    let start = Instant::now();
    for _ in 0..tasks {
        let (counter, wg) = (counter.clone(), wg.clone());
        tokio::spawn(async move {
            for _ in 0..n / tasks {
                *counter.lock().await += 1;
            }
            wg.done();
        });
    }
    wg.wait().await;
    per_op("time", start.elapsed(), n);
    if *counter.lock().await != n / tasks * tasks {
        fail("lost an update");
    }
}

pub async fn rwmutex(args: &Args) {
    let (n, readers, writers) = (args.num("n"), args.num("readers"), args.num("writers"));
    let each = n / (readers + writers);
    let counter = Arc::new(RwLock::new(0_usize));
    let wg = Countdown::new(readers + writers);
    let start = Instant::now();
    for _ in 0..readers {
        let (counter, wg) = (counter.clone(), wg.clone());
        tokio::spawn(async move {
            let mut seen = 0_usize;
            for _ in 0..each {
                seen = seen.wrapping_add(*counter.read().await);
            }
            std::hint::black_box(seen);
            wg.done();
        });
    }
    for _ in 0..writers {
        let (counter, wg) = (counter.clone(), wg.clone());
        tokio::spawn(async move {
            for _ in 0..each {
                *counter.write().await += 1;
            }
            wg.done();
        });
    }
    wg.wait().await;
    per_op("time", start.elapsed(), each * (readers + writers));
}

pub async fn once(args: &Args) {
    let n = args.num("n");
    let once = OnceCell::new();
    let mut sum = 0_usize;
    let start = Instant::now();
    for _ in 0..n {
        sum += *once.get_or_init(|| async { 1 }).await;
    }
    per_op("time", start.elapsed(), n);
    if sum != n {
        fail("not once");
    }
}
