//! Exercise of the chapter "A worker queue": results in the order of the jobs, as soon as possible.
//!
//! Mirrors the reorder buffer of every pipeline: what came too early waits in a map.

use goroutines::prelude::*;
use std::collections::BTreeMap;

fn worker(jobs: Receiver<u32>, results: Sender<(u32, u32)>) {
    for job in jobs {
        time::sleep((job * 7 % 5) * 10 * time::MILLISECOND); // some are quick, some are not
        results.send((job, job * job));
    }
}

#[goroutine]
fn main() {
    let (jobs, todo) = chan::channel(10);
    let (done, results) = chan::channel(10);
    for _ in 0..4 {
        go!(worker(todo.clone(), done.clone()));
    }
    drop(done);
    for job in 1..=8 {
        jobs.send(job);
    }
    jobs.close();

    let mut early = BTreeMap::new();
    let mut next = 1;
    for (job, result) in results {
        early.insert(job, result);
        while let Some(result) = early.remove(&next) {
            println!("job {next}: {result}");
            next += 1;
        }
    }
}
