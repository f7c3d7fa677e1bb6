//! The checks of `find_the_leak`.

use crate::kit::{Check, check, equal};
use crate::yours::search;
use goroutines::prelude::*;
use goroutines::testing::leak;

fn query(shard: u32) -> Option<u32> {
    runtime::gosched();
    (shard > 0).then_some(7)
}

pub fn checks() -> Vec<Check> {
    vec![
        check("it finds the hit", || equal(search(4, query), Some(7))),
        check("no hit: nobody has one", || equal(search(1, query), None)),
        check("nobody stays behind", || {
            let _no_leaks = leak::check();
            equal(search(4, query), Some(7))
        }),
    ]
}
