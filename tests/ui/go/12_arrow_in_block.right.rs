// `send` and `recv`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32);
    go!([ch], {
        ch.send(1);
    });
    let v = ch.recv();
    assert_eq!(v, Some(1));
}
