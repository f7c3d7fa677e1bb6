//! `worker_pool` without its `drop(done)`: main keeps a sender, and waits for itself.
//!
//! Mirrors Go's forgotten `close(results)`.

use goroutines::prelude::*;

fn worker(jobs: Receiver<u32>, results: Sender<u32>) {
    for job in jobs {
        results.send(job * 2);
    }
}

#[goroutine]
fn main() {
    let (jobs, todo) = chan::channel(5);
    let (done, results) = chan::channel(5);
    for _ in 0..3 {
        go!(worker(todo.clone(), done.clone()));
    }
    // drop(done);

    for job in 1..=5 {
        jobs.send(job);
    }
    jobs.close();

    for result in results {
        println!("result {result}");
    }
}
