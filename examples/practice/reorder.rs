//! Results arrive in any order as `(number, text)`, numbered from 1. Pass the texts on in order,
//! each as soon as it is possible.

use goroutines::prelude::*;

pub fn in_order(results: Receiver<(u32, String)>) -> Receiver<String> {
    let (tx, rx) = chan::channel(0);
    go!({
        for (_, text) in results {
            tx.send(text);
        }
    });
    rx
}
