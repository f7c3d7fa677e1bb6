// The call stands in the block then.
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
    wg.add(1);
    go!([jobs, wg], {
        consume(jobs.receiver());
        wg.done();
    });
    jobs.send(1);
    jobs.close();
    wg.wait();
}
