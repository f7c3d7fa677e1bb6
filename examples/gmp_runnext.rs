//! Who runs next: a P keeps the newest goroutine in a slot of its own, before its queue.
//!
//! Mirrors a well-known puzzle: six goroutines at `GOMAXPROCS(1)` run in the order 5 0 1 2 3 4. Each
//! `go` puts its goroutine into the slot and moves the one that was there to the queue's end.

use goroutines::prelude::*;

#[goroutine(procs = 1)]
fn main() {
    let wg = WaitGroup::new();
    for i in 0..6 {
        wg.add(1);
        go!([wg], {
            println!("goroutine {i}");
            wg.done();
        });
    }
    wg.wait();
}
