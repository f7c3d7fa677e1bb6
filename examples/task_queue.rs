//! Producer and consumers: five workers take a hundred tasks from one queue of length five.
//!
//! Mirrors:
//! ```go
//! taskQueue := make(chan interface{}, 5)
//! for i := 0; i < 5; i++ { go worker(taskQueue) }
//! for i := 0; i < 100; i++ { taskQueue <- i }
//! ```
//! The original's main returns as soon as the last task is *queued*; here a `WaitGroup` waits until
//! the last one is *done*.

use goroutines::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

static SUM: AtomicU32 = AtomicU32::new(0);

fn worker(task_queue: Receiver<u32>, tasks: WaitGroup) {
    for task in task_queue {
        process(task);
        tasks.done();
    }
}

fn process(task: u32) {
    SUM.fetch_add(task, Ordering::Relaxed);
}

#[goroutine]
fn main() {
    let task_queue = make!(chan u32, 5);
    let tasks = WaitGroup::new();
    // start worker
    for _ in 0..5 {
        go!(worker(task_queue.receiver(), tasks.clone()));
    }
    // send task to task queue
    for i in 0..100 {
        tasks.add(1);
        task_queue.send(i);
    }
    tasks.wait();
    println!(
        "100 tasks done, their sum is {}",
        SUM.load(Ordering::Relaxed)
    );
}
