//! Ask all replicas at once and return the first answer. The slow ones must not leak.
//!
//! Each goroutine must be able to end although nobody takes its answer.

use goroutines::prelude::*;

pub fn first(replicas: Vec<fn() -> u32>) -> u32 {
    let answers = make!(chan u32);
    for ask in replicas {
        go!([answers], { answers.send(ask()) });
    }
    answers.recv().expect("somebody answers")
}
