// A `RefCell` checks borrows without a lock: two goroutines cannot share it.
use goroutines::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;

fn push(list: Arc<RefCell<Vec<i32>>>) {
    list.borrow_mut().push(1);
}

#[goroutine]
fn main() {
    let list = Arc::new(RefCell::new(Vec::new()));
    go!([list] push(list));
}
