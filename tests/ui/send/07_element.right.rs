// Elements that can be sent: values, boxes, `Arc`s.
use goroutines::prelude::*;
use std::sync::Arc;

#[goroutine]
fn main() {
    let ch = make!(chan Arc<i32>, 1);
    go!([ch], { ch.send(Arc::new(1)) });
    assert_eq!(ch.recv().as_deref(), Some(&1));
}
