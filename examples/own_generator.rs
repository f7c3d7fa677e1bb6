//! A random generator that belongs to the goroutine, and not to the thread: it may be held while the goroutine waits.
//!
//! `rand::rng()` is the thread's. Held over the `sleep` it would be used by two threads at once. Mirrors
//! `rand.New(rand.NewPCG(..))`, one for each goroutine.

use goroutines::prelude::*;
use rand::RngExt;
use rand::rngs::StdRng;
use std::collections::HashSet;

fn draw(numbers: Sender<u64>) {
    let mut own: StdRng = rand::make_rng();
    for _ in 0..100 {
        numbers.send(own.random());
        time::sleep(10 * time::MICROSECOND);
    }
}

#[goroutine]
fn main() {
    let (out, numbers) = chan::channel(0);
    for _ in 0..50 {
        go!(draw(out.clone()));
    }
    drop(out);
    let all: Vec<u64> = numbers.iter().collect();
    let different: HashSet<_> = all.iter().collect();
    println!("{} drawn, {} different", all.len(), different.len());
}
