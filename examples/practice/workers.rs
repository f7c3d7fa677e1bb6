//! Do all jobs with three workers, and return the sum of the results.
//!
//! `job(n)` takes a second; nine jobs with three workers take three.

use goroutines::prelude::*;

pub fn work(jobs: Vec<u32>, job: fn(u32) -> u32) -> u32 {
    jobs.into_iter().map(job).sum()
}
