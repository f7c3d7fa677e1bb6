// Statements are a block.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!([ch], {
        let n = 1 + 2;
        ch.send(n);
    });
    assert_eq!(ch.recv(), Some(3));
}
