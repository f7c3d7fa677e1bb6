//! The checks of `timeout`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::within;
use goroutines::prelude::*;

fn answer_after(wait: u32) -> Receiver<u32> {
    let (tx, rx) = chan::channel(1);
    go!({
        time::sleep(wait * time::SECOND);
        tx.send(42);
    });
    rx
}

pub fn checks() -> Vec<Check> {
    vec![
        check("an answer in time is returned", || {
            bubble(|| equal(within(2 * time::SECOND, answer_after(1)), Some(42)))
        }),
        check("a late answer is not waited for", || {
            bubble(|| {
                let start = time::now();
                let answer = within(2 * time::SECOND, answer_after(5));
                equal((answer, time::since(start)), (None, 2 * time::SECOND))
            })
        }),
        check("a closed channel gives no answer", || {
            bubble(|| {
                let (tx, rx) = chan::channel(0);
                drop(tx);
                equal(within(time::SECOND, rx), None)
            })
        }),
    ]
}
