// `_` may stand for the value: it is received and dropped.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(1);
    select! {
        _ = <-rx => {}
        default => panic!("one is waiting"),
    }
    assert_eq!(rx.len(), 0);
}
