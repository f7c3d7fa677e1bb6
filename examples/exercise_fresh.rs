//! Exercise of the chapter "Testing": a value that is good for ten minutes, tested in no time.
//!
//! Mirrors a cache entry with a time to live, of a Go program.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use goroutines::testing::synctest;
use goroutines::time::Instant;

const GOOD_FOR: time::Duration = time::Duration::from_secs(600);

/// A value, fetched when it is asked for and the last one is too old.
struct Fresh<T, F> {
    fetch: F,
    last: Mutex<Option<(T, Instant)>>,
}

impl<T: Clone, F: Fn() -> T> Fresh<T, F> {
    fn new(fetch: F) -> Self {
        let last = Mutex::new(None);
        Fresh { fetch, last }
    }

    fn get(&self) -> T {
        let mut last = self.last.lock();
        if let Some((value, since)) = &*last
            && time::since(*since) < GOOD_FOR
        {
            return value.clone();
        }
        let value = (self.fetch)();
        *last = Some((value.clone(), time::now()));
        value
    }
}

#[goroutine]
fn main() {
    synctest::test(|| {
        let fetched = Mutex::new(0);
        let fresh = Fresh::new(|| {
            *fetched.lock() += 1;
            *fetched.lock()
        });
        println!("at first: {}", fresh.get());
        time::sleep(GOOD_FOR - time::SECOND);
        println!("a second before its time: {}", fresh.get());
        time::sleep(time::SECOND);
        println!("at its time: {}", fresh.get());
    });
}
