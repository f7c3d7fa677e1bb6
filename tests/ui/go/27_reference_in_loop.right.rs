// A capture list, or a clone in the arguments: each goroutine has a handle of its own.
use goroutines::prelude::*;

fn worker(_id: u32, wg: &WaitGroup) {
    wg.done();
}

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(2);
        go!([wg] worker(i, &wg));
        go!(worker(i, &wg.clone()));
    }
    wg.wait();
}
