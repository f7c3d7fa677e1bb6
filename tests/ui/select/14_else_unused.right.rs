// Either `job` (an `Option`), or `Some(job)` and `else`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let jobs = make!(chan i32, 1);
    jobs.close();
    loop {
        select! {
            job = <-jobs => if job.is_none() { break },
        }
    }
}
