//! The checks of `fresh`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::Fresh;
use goroutines::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

fn fetch() -> u32 {
    static FETCHED: AtomicU32 = AtomicU32::new(0);
    FETCHED.fetch_add(1, Relaxed)
}

pub fn checks() -> Vec<Check> {
    vec![
        check("it keeps the value for nine minutes and 59 seconds", || {
            bubble(|| {
                let fresh = Fresh::new(fetch);
                let first = fresh.get();
                time::sleep(599 * time::SECOND);
                equal(fresh.get(), first)
            })
        }),
        check("after ten minutes it fetches again, once", || {
            bubble(|| {
                let fresh = Fresh::new(fetch);
                let first = fresh.get();
                time::sleep(600 * time::SECOND);
                equal((fresh.get(), fresh.get()), (first + 1, first + 1))
            })
        }),
    ]
}
