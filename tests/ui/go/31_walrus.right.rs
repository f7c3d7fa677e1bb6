// `let`, or `let mut` for a variable that changes.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!([c], {
        let mut x = 1;
        x += 1;
        c.send(x);
    });
    assert_eq!(c.recv(), Some(2));
}
