// `else` says what to do when the pattern does not match; it has to leave.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let jobs = make!(chan i32, 2);
    jobs.send(1);
    jobs.send(2);
    jobs.close();
    let mut sum = 0;
    loop {
        select! {
            Some(job) = <-jobs else break => sum += job,
        }
    }
    assert_eq!(sum, 3);
}
