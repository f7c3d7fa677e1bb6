//! Ten thousand small tasks, through a pool and with plain `go!`, to see which is faster.
//!
//! Mirrors the benchmark of ByteDance's gopool: each task is a hundred nested calls.

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

fn through_a_pool(pool: &Pool) {
    let wg = WaitGroup::new();
    for _ in 0..TASKS {
        wg.add(1);
        let wg = wg.clone();
        pool.go(move || {
            nested(100);
            wg.done();
        });
    }
    wg.wait();
}

fn with_go() {
    let wg = WaitGroup::new();
    for _ in 0..TASKS {
        wg.add(1);
        go!([wg], {
            nested(100);
            wg.done();
        });
    }
    wg.wait();
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
    let pool = Pool::new(
        "bench",
        runtime::gomaxprocs(0),
        Config { scale_threshold: 1 },
    );
    println!(
        "through a pool: {} ns a task",
        best(|| through_a_pool(&pool))
    );
    println!("with go!:       {} ns a task", best(with_go));
}
