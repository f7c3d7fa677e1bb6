//! Start `n` goroutines that each send their number, 1 to `n`, over one channel. Return the sum.

use goroutines::prelude::*;

pub fn sum(n: u32) -> u32 {
    let numbers = make!(chan u32);
    for i in 1..=n {
        go!([numbers], numbers.send(i));
    }
    (0..n).filter_map(|_| numbers.recv()).sum()
}
