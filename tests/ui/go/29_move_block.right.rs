// A block, or a closure with `move`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 2);
    go!([c], { c.send(1) });
    go!([c] move || c.send(1));
    assert_eq!((c.recv(), c.recv()), (Some(1), Some(1)));
}
