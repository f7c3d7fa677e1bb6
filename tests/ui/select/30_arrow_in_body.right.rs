// `send` and `recv` are Go's `<-` everywhere else.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    a.send(3);
    select! {
        v = <-a => b.send(v.unwrap()),
    }
    assert_eq!(b.recv(), Some(3));
}
