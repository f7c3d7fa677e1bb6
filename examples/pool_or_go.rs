//! Ten thousand small tasks, through a pool and with plain `go!`, to see which is faster.
//!
//! Mirrors the benchmark of ByteDance's gopool: each task is a hundred nested calls. Once all tasks
//! come together, once a hundred at a time.

use goroutines::pool::{Config, Pool};
use goroutines::prelude::*;
use std::hint::black_box;

const TASKS: u32 = 10_000;

fn nested(depth: u32) -> u32 {
    if depth == 0 {
        0
    } else {
        black_box(nested(black_box(depth - 1))) + 1
    }
}

/// Runs all tasks, `batch` at a time; `start` starts one.
fn run(batch: u32, start: impl Fn(WaitGroup)) {
    let wg = WaitGroup::new();
    for _ in 0..TASKS / batch {
        for _ in 0..batch {
            wg.add(1);
            start(wg.clone());
        }
        wg.wait();
    }
}

fn task(wg: WaitGroup) {
    nested(100);
    wg.done();
}

/// The best of ten rounds, in nanoseconds a task.
fn best(round: impl Fn()) -> u128 {
    let nanos = |_| {
        let start = time::now();
        round();
        time::since(start).as_nanos() / u128::from(TASKS)
    };
    (0..10).map(nanos).min().unwrap_or_default()
}

#[goroutine]
fn main() {
    let config = Config { scale_threshold: 1 };
    let pool = Pool::new("bench", runtime::gomaxprocs(0), config);
    for batch in [TASKS, 100] {
        let pooled = best(|| run(batch, |wg| pool.go(|| task(wg))));
        let plain = best(|| run(batch, |wg| go!(task(wg))));
        println!("{batch} at a time: {pooled} ns a task through a pool, {plain} ns with go!");
    }
}
