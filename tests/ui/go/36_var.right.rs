// A variable that changes is `mut`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], {
        let mut sum = 0;
        sum += 1;
        c.send(sum);
    });
    assert_eq!(c.recv(), Some(1));
}
