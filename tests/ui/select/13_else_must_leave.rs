// `else` has no value for the pattern's names: it has to leave.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let jobs = make!(chan i32, 1);
    select! {
        Some(job) = <-jobs else println!("closed") => println!("{job}"),
        default => println!("empty"),
    }
}
