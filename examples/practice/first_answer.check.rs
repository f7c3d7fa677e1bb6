//! The checks of `first_answer`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::first;
use goroutines::prelude::*;

fn replicas() -> Vec<fn() -> u32> {
    fn slow() -> u32 {
        time::sleep(3 * time::SECOND);
        3
    }
    fn fast() -> u32 {
        time::sleep(time::SECOND);
        1
    }
    vec![slow, fast, slow]
}

pub fn checks() -> Vec<Check> {
    vec![
        check("the fastest one answers", || {
            bubble(|| equal(first(replicas()), 1))
        }),
        check("it does not wait for the slow ones", || {
            bubble(|| {
                let start = time::now();
                first(replicas());
                equal(time::since(start), time::SECOND)
            })
        }),
        check("the slow ones end, too", || {
            bubble(|| {
                let before = runtime::num_goroutine();
                first(replicas());
                time::sleep(10 * time::SECOND);
                equal(runtime::num_goroutine().saturating_sub(before), 0)
            })
        }),
    ]
}
