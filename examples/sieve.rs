//! The prime sieve: a chain of goroutines, one for every prime found so far.
//!
//! Mirrors "A Prime Sieve" of the Go home page.

use goroutines::prelude::*;

/// Sends 2, 3, 4, ... to `ch`.
fn generate(ch: Sender<u32>) {
    for i in 2.. {
        ch.send(i);
    }
}

/// Copies the numbers from `input` to `out`, except those that `prime` divides.
fn filter(input: Receiver<u32>, out: Sender<u32>, prime: u32) {
    for i in input {
        if i % prime != 0 {
            out.send(i);
        }
    }
}

#[goroutine]
fn main() {
    let (tx, mut ch) = chan::channel(0);
    go!(generate(tx));
    for _ in 0..10 {
        let prime = ch.recv().unwrap();
        println!("{prime}");
        let (out, next) = chan::channel(0);
        go!(filter(ch, out, prime));
        ch = next;
    }
}
