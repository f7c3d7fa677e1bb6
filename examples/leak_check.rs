//! A test that ends while something it started waits for ever.
//!
//! Mirrors Go's `goroutineleak` profile, and goleak.

use goroutines::prelude::*;
use goroutines::testing::leak;

/// Asks two, and takes the first answer.
fn first_answer() -> u32 {
    let answers = make!(chan u32);
    for n in 1..=2 {
        go!([answers], answers.send(n));
    }
    answers.recv().unwrap()
}

#[goroutine(procs = 1)]
fn main() {
    let test = || {
        let _no_leaks = leak::check();
        first_answer();
    };
    println!("{}", recover(test).unwrap_err().message());
}
