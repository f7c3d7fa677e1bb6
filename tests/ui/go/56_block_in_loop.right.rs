// Name it in a capture list: each goroutine has a handle of its own. Before a closure as well.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(2);
        go!([wg], {
            println!("worker {i}");
            wg.done();
        });
        go!([wg], move || wg.done());
    }
    wg.wait();
}
