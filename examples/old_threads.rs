//! More threads than Ps: each goroutine that blocks in the kernel keeps its thread.
//!
//! Mirrors "4 cores, so 4 threads" of the introductions: 4 cores are 4 *Ps*.

use goroutines::prelude::*;
use std::thread;

#[goroutine(procs = 2)]
fn main() {
    let (gate, closed) = std::sync::mpsc::channel::<()>();
    let closed = std::sync::Arc::new(std::sync::Mutex::new(closed));
    let wg = WaitGroup::new();
    for _ in 0..20 {
        wg.add(1);
        go!([closed, wg], {
            // Waits in the kernel until `main` drops `gate`: a lock and a channel of std's.
            runtime::blocking(|| closed.lock().is_ok_and(|gate| gate.recv().is_ok()));
            wg.done();
        });
    }
    let mut threads = 0;
    while threads <= 20 {
        threads = runtime::metrics().threads;
        runtime::blocking(|| thread::sleep(time::MILLISECOND));
    }
    println!(
        "{} Ps, more than 20 threads: {}",
        runtime::gomaxprocs(0),
        threads > 20
    );
    drop(gate);
    wg.wait();
    println!("all blocked calls have returned");
}
