//! A pool of goroutines: a limit on how many work at once, and tasks that may panic.
//!
//! Mirrors ByteDance's `gopool`: `Go` never blocks, workers start on demand up to the cap and end
//! when there is nothing left to do, and a panicking task ends neither its worker nor the process.

use goroutines::pool::{Config, Pool};
use goroutines::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn task(n: usize) {
    let running = RUNNING.fetch_add(1, Ordering::Relaxed) + 1;
    MOST.fetch_max(running, Ordering::Relaxed);
    time::sleep(10 * time::MILLISECOND);
    RUNNING.fetch_sub(1, Ordering::Relaxed);
    if n == 13 {
        panic!("unlucky task {n}");
    }
}

#[goroutine]
fn main() {
    let pool = Pool::new("demo", 4, Config { scale_threshold: 1 });
    let handled = WaitGroup::new();
    handled.add(1);
    pool.set_panic_handler({
        let handled = handled.clone();
        move |_ctx, panic| {
            println!("recovered: {}", panic.message());
            handled.done();
        }
    });

    let wg = WaitGroup::new();
    for n in 0..20 {
        wg.add(1);
        let wg = wg.clone();
        pool.go(move || {
            defer!(wg.done());
            task(n);
        });
    }
    wg.wait();
    handled.wait(); // the handler comes after the task's own `done`
    println!("20 tasks, {} at once", MOST.load(Ordering::Relaxed));
}
