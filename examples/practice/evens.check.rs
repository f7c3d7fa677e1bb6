//! The checks of `evens`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::evens;
use goroutines::prelude::*;
use goroutines::testing::leak;

fn count(to: u32) -> Receiver<u32> {
    let (tx, rx) = chan::channel(0);
    go!({
        for i in 1..=to {
            tx.send(i);
        }
    });
    rx
}

pub fn checks() -> Vec<Check> {
    vec![
        check("of 1 to 7 it passes on 2, 4 and 6, and ends", || {
            bubble(|| equal(evens(count(7)).iter().collect::<Vec<_>>(), vec![2, 4, 6]))
        }),
        check("a reader that stops early leaves nobody behind", || {
            let _no_leaks = leak::check();
            let stream = evens(count(1000));
            equal(stream.recv(), Some(2))
        }),
    ]
}
