//! Goroutines that borrow: the four quarters of a slice, summed side by side.
//!
//! Mirrors the "sum of halves" of "A Tour of Go", which sends the sums over a channel. `scope` waits
//! for its goroutines before it returns, so they may use what lies on the caller's stack.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let numbers: Vec<u64> = (1..=1000).collect();
    let mut sums = [0; 4];

    scope(|s| {
        for (sum, quarter) in sums.iter_mut().zip(numbers.chunks(250)) {
            s.go(move || *sum = quarter.iter().sum());
        }
    });

    println!("{sums:?} make {}", sums.iter().sum::<u64>());
}
