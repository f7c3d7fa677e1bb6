// `return`, `break`, `continue` and a panic leave.
use goroutines::prelude::*;

fn next(jobs: &Chan<i32>) -> i32 {
    select! {
        Some(job) = <-jobs else return -1 => job,
    }
}

#[goroutine]
fn main() {
    let jobs = make!(chan i32, 1);
    jobs.send(8);
    jobs.close();
    assert_eq!(next(&jobs), 8);
    assert_eq!(next(&jobs), -1);
}
