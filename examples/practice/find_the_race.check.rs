//! The checks of `find_the_race`.

use crate::kit::{Check, check, equal, schedules};
use crate::yours::Disk;
use goroutines::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

fn creators(goroutines: u32) -> u32 {
    let disk = Arc::new(Disk::default());
    let created = Arc::new(AtomicU32::new(0));
    let wg = WaitGroup::new();
    for _ in 0..goroutines {
        let (disk, created) = (disk.clone(), created.clone());
        wg.go(move || {
            if disk.open_or_create("log") {
                created.fetch_add(1, Relaxed);
            }
        });
    }
    wg.wait();
    created.load(Relaxed)
}

pub fn checks() -> Vec<Check> {
    vec![
        check("one goroutine creates it", || equal(creators(1), 1)),
        check(
            "of two exactly one creates it, under every schedule",
            || schedules(|| equal(creators(2), 1)),
        ),
    ]
}
