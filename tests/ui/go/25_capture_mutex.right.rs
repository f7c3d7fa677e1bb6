// `Arc` makes a handle of it: the clone leads to the same lock.
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

#[goroutine]
fn main() {
    let total = Arc::new(Mutex::new(0));
    let wg = WaitGroup::new();
    wg.add(1);
    go!([total, wg], {
        *total.lock() += 1;
        wg.done();
    });
    wg.wait();
    assert_eq!(*total.lock(), 1);
}
