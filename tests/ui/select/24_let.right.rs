// `mut` and a type may stand there.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(1);
    let two = select! {
        mut v: Option<i32> = <-rx => {
            v = v.map(|v| v + 1);
            v
        }
    };
    assert_eq!(two, Some(2));
}
