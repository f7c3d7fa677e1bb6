// `select!`, with arms like those of `match`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (c, done) = (make!(chan i32, 1), make!(chan i32));
    go!([c, done], {
        select! {
            v = <-c => done.send(v.unwrap()),
        }
    });
    c.send(1);
    assert_eq!(done.recv(), Some(1));
}
