// An atomic is the `Cell` that may be shared.
use goroutines::prelude::*;
use std::sync::atomic::{AtomicI32, Ordering};

fn bump(n: &AtomicI32) {
    n.fetch_add(1, Ordering::Relaxed);
}

#[goroutine]
fn main() {
    let n = AtomicI32::new(0);
    scope(|s| {
        go!(in s, bump(&n));
        go!(in s, bump(&n));
    });
    assert_eq!(n.into_inner(), 2);
}
