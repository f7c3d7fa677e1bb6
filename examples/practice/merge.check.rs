//! The checks of `merge`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::merge;
use goroutines::prelude::*;

fn every(pause: u32, name: char) -> Receiver<char> {
    let (tx, rx) = chan::channel(0);
    go!({
        for _ in 0..3 {
            time::sleep(pause * time::SECOND);
            tx.send(name);
        }
    });
    rx
}

pub fn checks() -> Vec<Check> {
    vec![
        check("all values arrive", || {
            bubble(|| {
                let mut all: Vec<char> = merge(vec![every(2, 'a'), every(3, 'b')]).iter().collect();
                all.sort_unstable();
                equal(all, vec!['a', 'a', 'a', 'b', 'b', 'b'])
            })
        }),
        check(
            "the slow stream does not wait for the end of the fast one",
            || {
                bubble(|| {
                    let merged = merge(vec![every(2, 'a'), every(3, 'b')]);
                    equal(merged.iter().take(3).collect::<String>(), "aba".to_string())
                })
            },
        ),
        check("merging nothing ends at once", || {
            bubble(|| equal(merge::<u8>(Vec::new()).recv(), None))
        }),
    ]
}
