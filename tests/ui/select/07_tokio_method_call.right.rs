// The arrow leaves it to `select!` to receive.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    b.send(2);
    let got = select! {
        v = <-a => v,
        w = <-b => w,
    };
    assert_eq!(got, Some(2));
}
