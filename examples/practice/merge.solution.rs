//! Merge any number of streams into one, which ends when all of them have ended.

use goroutines::prelude::*;

pub fn merge<T: Send + 'static>(streams: Vec<Receiver<T>>) -> Receiver<T> {
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
