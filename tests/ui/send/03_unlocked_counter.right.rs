// An atomic counter, or a `Mutex`.
use goroutines::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

#[goroutine]
fn main() {
    let counter = AtomicU32::new(0);
    scope(|s| {
        s.go(|| counter.fetch_add(1, Ordering::Relaxed));
        s.go(|| counter.fetch_add(1, Ordering::Relaxed));
    });
    assert_eq!(counter.into_inner(), 2);
}
