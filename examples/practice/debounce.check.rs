//! The checks of `debounce`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::debounce;
use goroutines::prelude::*;

pub fn checks() -> Vec<Check> {
    vec![check(
        "of two bursts the last event of each is passed on",
        || {
            bubble(|| {
                let (tx, events) = chan::channel(0);
                go!({
                    for burst in [[1, 2, 3], [4, 5, 6]] {
                        for event in burst {
                            tx.send(event);
                            time::sleep(10 * time::MILLISECOND);
                        }
                        time::sleep(time::SECOND);
                    }
                });
                let quiet = debounce(events, 100 * time::MILLISECOND);
                equal(quiet.iter().collect::<Vec<_>>(), vec![3, 6])
            })
        },
    )]
}
