// Give the goroutine the lock and let it take it.
use goroutines::prelude::*;
use goroutines::sync::{Mutex, WaitGroup};

static LIST: Mutex<Vec<i32>> = Mutex::new(Vec::new());

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.go(|| LIST.lock().push(1));
    wg.wait();
    assert_eq!(*LIST.lock(), [1]);
}
