//! A value is expensive to fetch and good for ten minutes. Fetch only if the last one is too old.
//!
//! Use `time::now()` and `time::since`: the check has a clock of its own.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use goroutines::time::Instant;

pub struct Fresh {
    fetch: fn() -> u32,
    last: Mutex<Option<(u32, Instant)>>,
}

impl Fresh {
    pub fn new(fetch: fn() -> u32) -> Fresh {
        let last = Mutex::new(None);
        Fresh { fetch, last }
    }

    pub fn get(&self) -> u32 {
        let value = (self.fetch)();
        *self.last.lock() = Some((value, time::now()));
        value
    }
}
