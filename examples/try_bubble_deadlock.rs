//! A bubble in which everybody waits, and no timer is armed.
//!
//! Mirrors `deadlock: all goroutines in bubble are blocked` of Go's `testing/synctest`.

use goroutines::prelude::*;
use goroutines::testing::synctest;

#[goroutine]
fn main() {
    synctest::test(|| {
        let answers = make!(chan u32);
        go!([rx = answers.receiver()], rx.recv());
        synctest::wait();
        println!("it waits");
        answers.recv();
    });
}
