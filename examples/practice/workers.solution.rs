//! Do all jobs with three workers, and return the sum of the results.
//!
//! `job(n)` takes a second; nine jobs with three workers take three.

use goroutines::prelude::*;

pub fn work(jobs: Vec<u32>, job: fn(u32) -> u32) -> u32 {
    let (todo, queue) = chan::channel(jobs.len());
    let (done, results) = chan::channel(jobs.len());
    for _ in 0..3 {
        go!([queue, done], {
            for n in queue {
                done.send(job(n));
            }
        });
    }
    drop(done);
    for n in jobs {
        todo.send(n);
    }
    drop(todo);
    results.iter().sum()
}
