// Share the counter itself, by an `Arc`.
use goroutines::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[goroutine]
fn main() {
    let counter = Arc::new(AtomicU32::new(0));
    let wg = goroutines::sync::WaitGroup::new();
    let shared = counter.clone();
    wg.go(move || {
        shared.fetch_add(1, Ordering::Relaxed);
    });
    wg.wait();
    assert_eq!(counter.load(Ordering::Relaxed), 1);
}
