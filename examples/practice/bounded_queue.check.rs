//! The checks of `bounded_queue`.

use crate::kit::{Check, bubble, check, equal, schedules};
use crate::yours::Queue;
use goroutines::prelude::*;
use goroutines::testing::synctest;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

fn passed_through(n: u32) -> Vec<u32> {
    let queue = Arc::new(Queue::new(2));
    let putter = queue.clone();
    go!({
        for i in 0..n {
            putter.put(i);
        }
    });
    (0..n).map(|_| queue.take()).collect()
}

pub fn checks() -> Vec<Check> {
    vec![
        check("`take` waits for `put`, and the order stays", || {
            schedules(|| equal(passed_through(5), vec![0, 1, 2, 3, 4]))
        }),
        check("the third `put` waits while two are there", || {
            bubble(|| {
                let queue = Arc::new(Queue::new(2));
                let puts = Arc::new(AtomicU32::new(0));
                let (putter, count) = (queue.clone(), puts.clone());
                go!({
                    for i in 0..3 {
                        putter.put(i);
                        count.fetch_add(1, Relaxed);
                    }
                });
                synctest::wait();
                let before = puts.load(Relaxed);
                queue.take();
                synctest::wait();
                equal((before, puts.load(Relaxed)), (2, 3))
            })
        }),
    ]
}
