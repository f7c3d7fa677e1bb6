//! Exercise of the chapter "A done channel": ten goroutines send their numbers, main adds them.
//!
//! Mirrors the rule that goes with a done channel: as many receives as sends.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let numbers = make!(chan u32);
    for i in 1..=10 {
        go!([numbers], numbers.send(i));
    }
    let sum: u32 = (0..10).filter_map(|_| numbers.recv()).sum();
    println!("sum: {sum}");
}
