//! Requests no faster than a ticker allows, then the same with bursts of three.
//!
//! Mirrors "Rate Limiting" of Go by Example. Five requests at one per 50 ms take 250 ms; with three
//! to spare only the last two have to wait.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let start = time::now();
    let limiter = time::tick(50 * time::MILLISECOND);
    for request in 1..=5 {
        limiter.recv();
        println!("request {request}");
    }
    println!(
        "slow enough: {}",
        time::since(start) >= 250 * time::MILLISECOND
    );

    let bursty = make!(chan(), 3);
    for _ in 0..3 {
        bursty.send(());
    }
    go!([bursty], {
        for _ in time::tick(50 * time::MILLISECOND) {
            bursty.send(());
        }
    });
    let start = time::now();
    for request in 1..=5 {
        bursty.recv();
        println!("bursty request {request}");
        if request == 3 {
            println!(
                "three at once: {}",
                time::since(start) < 50 * time::MILLISECOND
            );
        }
    }
}
