//! A worker queue with tasks that are long enough to see: three workers, twelve tasks of a millisecond.
//!
//! Mirrors the worker queue of the Go introductions; its recording is in the chapter "A worker queue".

use goroutines::prelude::*;

/// A millisecond of work that never waits for anything.
fn process(_task: u32) {
    let start = time::now();
    while time::since(start) < time::MILLISECOND {}
}

#[goroutine(procs = 2)]
fn main() {
    let (queue, tasks) = chan::channel(2);
    let (done, results) = chan::channel(0);
    for _ in 0..3 {
        go!([tasks, done], {
            for task in tasks {
                process(task);
                done.send(task);
            }
        });
    }
    drop(done);
    go!({
        for task in 1..=12 {
            queue.send(task);
        }
    });
    println!("{} tasks done", results.iter().count());
}
