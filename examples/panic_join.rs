//! A panic has an owner: `recover`, or whoever joins; otherwise it ends the process.
//!
//! Mirrors `defer` and `recover` of the Go blog's "Defer, Panic, and Recover".

use goroutines::prelude::*;

fn countdown(n: u32) -> u32 {
    defer!(println!("deferred {n}"));
    if n == 0 {
        panic!("zero");
    }
    countdown(n - 1)
}

#[goroutine]
fn main() {
    let caught = recover(|| countdown(2));
    println!("recovered: {}", caught.unwrap_err().message());

    match spawn(|| countdown(1)).join() {
        Ok(n) => println!("returned {n}"),
        Err(_) => println!("the goroutine panicked, the program did not"),
    }

    go!(countdown(0)); // nobody will join this one
    time::sleep(time::HOUR);
}
