// `0..3` has 0, 1 and 2.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], {
        for i in 0..3 {
            c.send(i);
        }
    });
    assert_eq!((c.recv(), c.recv(), c.recv()), (Some(0), Some(1), Some(2)));
}
