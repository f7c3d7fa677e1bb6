// `go!` takes one call. What a block needs for itself stands in brackets in front of it.
use goroutines::prelude::*;

fn consume(jobs: Receiver<i32>) {
    for job in jobs {
        println!("{job}");
    }
}

#[goroutine]
fn main() {
    let jobs = make!(chan i32);
    let wg = WaitGroup::new();
    go!(consume(jobs.receiver()), wg);
}
