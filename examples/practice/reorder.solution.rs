//! Results arrive in any order as `(number, text)`, numbered from 1. Pass the texts on in order,
//! each as soon as it is possible.

use goroutines::prelude::*;
use std::collections::BTreeMap;

pub fn in_order(results: Receiver<(u32, String)>) -> Receiver<String> {
    let (tx, rx) = chan::channel(0);
    go!({
        let mut early = BTreeMap::new();
        let mut next = 1;
        for (number, text) in results {
            early.insert(number, text);
            while let Some(text) = early.remove(&next) {
                tx.send(text);
                next += 1;
            }
        }
    });
    rx
}
