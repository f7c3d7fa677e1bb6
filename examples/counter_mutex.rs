//! A map that a thousand goroutines change, behind a mutex.
//!
//! Mirrors `SafeCounter` of "A Tour of Go". The map lives *inside* the mutex: there is no way to
//! touch it without the lock.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Default)]
struct SafeCounter {
    v: Arc<Mutex<HashMap<&'static str, u32>>>,
}

impl SafeCounter {
    fn inc(&self, key: &'static str) {
        *self.v.lock().entry(key).or_default() += 1;
    }

    fn value(&self, key: &str) -> u32 {
        self.v.lock().get(key).copied().unwrap_or(0)
    }
}

#[goroutine]
fn main() {
    let c = SafeCounter::default();
    let wg = WaitGroup::new();
    for _ in 0..1000 {
        wg.add(1);
        go!([c, wg], {
            c.inc("somekey");
            wg.done();
        });
    }
    wg.wait();
    println!("{}", c.value("somekey"));
}
