//! What it costs to switch: between two goroutines, and between two threads.
//!
//! Mirrors the claim of the introductions that a switch of goroutines needs no kernel. Each hands a
//! token to the other and waits to get it back; two switches a round.

use goroutines::prelude::*;
use std::sync::mpsc;
use std::thread;

const ROUNDS: u32 = 50_000;

fn goroutines() -> time::Duration {
    let (to, from) = (make!(chan()), make!(chan()));
    go!([to, from], {
        for () in &to {
            from.send(());
        }
    });
    let start = time::now();
    for _ in 0..ROUNDS {
        to.send(());
        from.recv();
    }
    time::since(start)
}

fn threads() -> time::Duration {
    let (to, there) = mpsc::sync_channel(0);
    let (back, from) = mpsc::sync_channel(0);
    let other = thread::spawn(move || {
        for () in there {
            back.send(()).expect("main receives");
        }
    });
    let start = time::now();
    for _ in 0..ROUNDS {
        to.send(()).expect("the thread receives");
        from.recv().expect("the thread sends");
    }
    drop(to);
    other.join().expect("the thread ends");
    time::since(start)
}

#[goroutine(procs = 1)]
fn main() {
    let nanos = |total: time::Duration| total.as_nanos() / u128::from(2 * ROUNDS);
    println!("a switch between goroutines: {} ns", nanos(goroutines()));
    let between_threads = runtime::blocking(threads);
    println!("a switch between threads: {} ns", nanos(between_threads));
}
