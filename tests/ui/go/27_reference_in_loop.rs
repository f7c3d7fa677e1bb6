// `&wg` in a `go!` call moves `wg` itself, and the goroutine borrows its own. The next turn has none.
use goroutines::prelude::*;

fn worker(id: u32, wg: &WaitGroup) {
    println!("worker {id}");
    wg.done();
}

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(1);
        go!(worker(i, &wg));
    }
    wg.wait();
}
