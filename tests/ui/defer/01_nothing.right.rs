// They run at the end of the block, the last one first.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 2);
    {
        defer!(ch.send(1));
        defer!(ch.send(2));
    }
    assert_eq!((ch.recv(), ch.recv()), (Some(2), Some(1)));
}
