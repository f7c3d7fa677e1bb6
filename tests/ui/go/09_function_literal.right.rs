// A closure literal may be called with arguments, evaluated now, as in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    for i in 0..3 {
        let tx = ch.sender();
        go!((|i: i32| tx.send(i * i))(i));
        assert_eq!(ch.recv(), Some(i * i));
    }
}
