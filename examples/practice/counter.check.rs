//! The checks of `counter`.

use crate::kit::{Check, check, equal, schedules};
use crate::yours::Counter;
use goroutines::prelude::*;
use std::sync::Arc;

fn counted(by: i64) -> u32 {
    let counter = Arc::new(Counter::new());
    let wg = WaitGroup::new();
    for _ in 0..by {
        let counter = counter.clone();
        wg.go(move || counter.count());
    }
    wg.wait();
    counter.get()
}

pub fn checks() -> Vec<Check> {
    vec![
        check("one goroutine counts to one", || equal(counted(1), 1)),
        check(
            "three goroutines count to three, under every schedule",
            || schedules(|| equal(counted(3), 3)),
        ),
    ]
}
