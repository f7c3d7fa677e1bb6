// The standard library has them.
use goroutines::prelude::*;
use std::collections::HashMap;

#[goroutine]
fn main() {
    let mut list = vec![0; 3];
    list.push(1);
    let map: HashMap<String, i32> = HashMap::new();
    let ch = make!(chan i32, list.len());
    assert_eq!((ch.cap(), map.len()), (4, 0));
}
