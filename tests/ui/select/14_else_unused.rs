// A name matches every value: an `else` after it could never run.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let jobs = make!(chan i32, 1);
    loop {
        select! {
            job = <-jobs else break => println!("{job:?}"),
        }
    }
}
