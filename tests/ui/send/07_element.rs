// A channel hands values to other goroutines, so its handles are as sendable as its elements.
use goroutines::prelude::*;
use std::rc::Rc;

#[goroutine]
fn main() {
    let ch = make!(chan Rc<i32>, 1);
    go!([ch], { ch.send(Rc::new(1)) });
}
