//! Exercise of the chapter "Directions": any number of streams into one.
//!
//! Mirrors `merge` of the Go blog's "Pipelines and cancellation", without its WaitGroup and close:
//! the merged stream ends when the last goroutine has dropped its sender.

use goroutines::prelude::*;

fn merge<T: Send + 'static>(streams: Vec<Receiver<T>>) -> Receiver<T> {
    let (tx, merged) = chan::channel(0);
    for stream in streams {
        go!([tx], {
            for value in stream {
                tx.send(value);
            }
        });
    }
    merged
}

fn count(from: u32, to: u32) -> Receiver<u32> {
    let (tx, rx) = chan::channel(0);
    go!({
        for i in from..to {
            tx.send(i);
        }
    });
    rx
}

#[goroutine]
fn main() {
    let merged = merge(vec![count(0, 10), count(10, 20), count(20, 30)]);
    let mut all: Vec<u32> = merged.iter().collect();
    all.sort_unstable();
    println!("{} values, from {} to {}", all.len(), all[0], all[29]);
}
