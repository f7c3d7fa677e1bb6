//! The checks of `permits`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::run;
use goroutines::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
static RUN: AtomicUsize = AtomicUsize::new(0);

fn task() {
    MOST.fetch_max(RUNNING.fetch_add(1, Relaxed) + 1, Relaxed);
    time::sleep(time::SECOND);
    RUNNING.fetch_sub(1, Relaxed);
    RUN.fetch_add(1, Relaxed);
}

fn measured(tasks: u32, most: usize) -> (usize, usize) {
    MOST.store(0, Relaxed);
    RUN.store(0, Relaxed);
    run(tasks, most, task);
    (RUN.load(Relaxed), MOST.load(Relaxed))
}

pub fn checks() -> Vec<Check> {
    vec![
        check("20 tasks run, 3 at a time", || {
            bubble(|| equal(measured(20, 3), (20, 3)))
        }),
        check("20 tasks with 3 permits take seven seconds", || {
            bubble(|| {
                let start = time::now();
                measured(20, 3);
                equal(time::since(start), 7 * time::SECOND)
            })
        }),
        check("one at a time", || bubble(|| equal(measured(4, 1), (4, 1)))),
    ]
}
