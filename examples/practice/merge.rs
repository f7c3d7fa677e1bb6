//! Merge any number of streams into one, which ends when all of them have ended.

use goroutines::prelude::*;

pub fn merge<T: Send + 'static>(streams: Vec<Receiver<T>>) -> Receiver<T> {
    // One stream after the other: the second waits for the end of the first.
    let (tx, merged) = chan::channel(0);
    go!({
        for stream in streams {
            for value in stream {
                tx.send(value);
            }
        }
    });
    merged
}
