//! The counter loses counts: between `get` and `set` another goroutine may count as well.
//!
//! The check tries many schedules. Hold the lock over both steps.

use goroutines::prelude::*;
use goroutines::sync::Mutex;

pub struct Counter(Mutex<u32>);

impl Counter {
    pub fn new() -> Counter {
        Counter(Mutex::new(0))
    }

    pub fn get(&self) -> u32 {
        *self.0.lock()
    }

    fn set(&self, n: u32) {
        *self.0.lock() = n;
    }

    pub fn count(&self) {
        let n = self.get();
        self.set(n + 1);
    }
}
