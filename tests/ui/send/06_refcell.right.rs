// A `Mutex` is the `RefCell` that goroutines can share.
use goroutines::prelude::*;
use goroutines::sync::{Mutex, WaitGroup};
use std::sync::Arc;

#[goroutine]
fn main() {
    let list = Arc::new(Mutex::new(Vec::new()));
    let wg = WaitGroup::new();
    for i in 0..3 {
        let list = list.clone();
        wg.go(move || list.lock().push(i));
    }
    wg.wait();
    assert_eq!(list.lock().len(), 3);
}
