// An `Arc` counts atomically.
use goroutines::prelude::*;
use std::sync::Arc;

fn work(n: Arc<i32>, out: Sender<i32>) {
    out.send(*n);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32);
    let n = Arc::new(1);
    go!(work(n.clone(), ch.sender()));
    assert_eq!(ch.recv(), Some(*n));
}
