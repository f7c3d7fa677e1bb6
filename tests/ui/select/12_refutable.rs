// A pattern that misses the closed channel needs an `else`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let jobs = make!(chan i32, 1);
    select! {
        Some(job) = <-jobs => println!("{job}"),
        default => println!("empty"),
    }
}
