// `make!`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan i32);
    go!([done], {
        let c = make!(chan i32, 1);
        c.send(1);
        done.send(c.recv().unwrap());
    });
    assert_eq!(done.recv(), Some(1));
}
