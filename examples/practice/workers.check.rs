//! The checks of `workers`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::work;
use goroutines::prelude::*;

fn job(n: u32) -> u32 {
    time::sleep(time::SECOND);
    n * 2
}

pub fn checks() -> Vec<Check> {
    vec![
        check("the results of 1 to 9 add up to 90", || {
            bubble(|| equal(work((1..=9).collect(), job), 90))
        }),
        check("nine jobs of a second take three seconds", || {
            bubble(|| {
                let start = time::now();
                work((1..=9).collect(), job);
                equal(time::since(start), 3 * time::SECOND)
            })
        }),
        check("the workers end with the work", || {
            bubble(|| {
                let before = runtime::num_goroutine();
                work(vec![1], job);
                time::sleep(time::SECOND);
                equal(runtime::num_goroutine().saturating_sub(before), 0)
            })
        }),
    ]
}
