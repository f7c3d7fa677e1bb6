// Return the value.
use goroutines::prelude::*;
use std::rc::Rc;

#[goroutine]
fn main() {
    let handle = spawn(|| *Rc::new(1));
    assert_eq!(handle.join().unwrap(), 1);
}
