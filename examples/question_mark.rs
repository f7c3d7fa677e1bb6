//! `Option`, `Result` and `?`: what Go says with `ok` and `if err != nil`.
//!
//! Mirrors `v, ok := <-c` and the Go pattern of returning early with an error.

use goroutines::prelude::*;
use std::num::ParseIntError;

/// The sum of what comes in. A line that is no number ends it with an error.
fn sum(lines: Receiver<&str>) -> Result<i32, ParseIntError> {
    let mut sum = 0;
    while let Some(line) = lines.recv() {
        // `?` takes the number out of `Ok`, or returns the `Err` to the caller.
        sum += line.parse::<i32>()?;
    }
    Ok(sum)
}

#[goroutine]
fn main() {
    for lines in [["1", "2", "3"], ["1", "two", "3"]] {
        let c = make!(chan &'static str, 3);
        for line in lines {
            c.send(line);
        }
        c.close();
        match sum(c.receiver()) {
            Ok(sum) => println!("the sum is {sum}"),
            Err(error) => println!("no sum: {error}"),
        }
    }
    let closed = make!(chan i32);
    closed.close();
    println!("from a closed channel: {:?}", closed.recv());
}
