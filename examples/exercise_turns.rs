//! Exercise of the chapter "Run queues": two goroutines in turn, on one P, by giving way.
//!
//! Mirrors Go programs that use `runtime.Gosched`. It works because one P takes goroutines from the
//! global queue in order; with two Ps, or any other goroutine, it would not.

use goroutines::prelude::*;

fn speak(name: char, wg: WaitGroup) {
    for i in 1..=3 {
        print!("{name}{i} ");
        runtime::gosched();
    }
    wg.done();
}

#[goroutine(procs = 1)]
fn main() {
    let wg = WaitGroup::new();
    wg.add(2);
    go!(speak('b', wg.clone()));
    go!(speak('a', wg.clone()));
    wg.wait();
    println!();
}
