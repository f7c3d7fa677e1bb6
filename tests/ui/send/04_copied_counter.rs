// A moved number is a copy: to the caller it never changes, and rustc says so.
#![deny(unused)]
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let mut counter = 0;
    let wg = goroutines::sync::WaitGroup::new();
    wg.go(move || counter += 1);
    wg.wait();
    println!("{counter}");
}
