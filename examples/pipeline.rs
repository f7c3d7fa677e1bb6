//! Stages joined by channels: numbers in, squares of squares out.
//!
//! Mirrors the Go blog's "Pipelines and cancellation". `Receiver<T>` is Go's `<-chan T`: a stage
//! cannot send where it should only receive, the compiler refuses it. No `close`: a channel ends
//! when the last goroutine that could send to it has ended.

use goroutines::prelude::*;

fn numbers(nums: Vec<u32>) -> Receiver<u32> {
    let (out, rx) = chan::channel(0);
    go!({
        for n in nums {
            out.send(n);
        }
    });
    rx
}

fn square(input: Receiver<u32>) -> Receiver<u32> {
    let (out, rx) = chan::channel(0);
    go!({
        for n in input {
            out.send(n * n);
        }
    });
    rx
}

#[goroutine]
fn main() {
    for n in square(square(numbers(vec![2, 3]))) {
        println!("{n}");
    }
}
