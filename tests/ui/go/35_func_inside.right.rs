// A closure, or a function.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], {
        fn square(x: i32) -> i32 {
            x * x
        }
        let half = |x| x / 2;
        c.send(half(square(4)));
    });
    assert_eq!(c.recv(), Some(8));
}
