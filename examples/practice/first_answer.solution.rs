//! Ask all replicas at once and return the first answer. The slow ones must not leak.
//!
//! Each goroutine must be able to end although nobody takes its answer.

use goroutines::prelude::*;

pub fn first(replicas: Vec<fn() -> u32>) -> u32 {
    let (tx, answers) = chan::channel(replicas.len());
    for ask in replicas {
        go!([tx], { tx.send(ask()) });
    }
    answers.recv().expect("somebody answers")
}
