//! On one P: let the two goroutines speak in turn, `a1 b1 a2 b2 a3 b3`, with `gosched` only.
//!
//! Remember `run_next`: the goroutine that was started last runs first.

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
