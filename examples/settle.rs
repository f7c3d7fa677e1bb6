//! What a test may look at, and when: after everybody has gone as far as they can.
//!
//! Mirrors the example of Go's `synctest.Wait`.

use goroutines::prelude::*;
use goroutines::testing::synctest;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[goroutine]
fn main() {
    synctest::test(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let called = Arc::new(AtomicBool::new(false));
        let call = called.clone();
        let _stop = context::after_func(&ctx, move || call.store(true, Ordering::Relaxed));

        synctest::wait();
        println!("before cancel: {}", called.load(Ordering::Relaxed));

        cancel();
        synctest::wait();
        println!("after cancel: {}", called.load(Ordering::Relaxed));
    });
}
