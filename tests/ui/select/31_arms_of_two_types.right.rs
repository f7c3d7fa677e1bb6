// An arm that leaves has every type.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(2);
    let n: i32 = select! {
        Some(v) = <-rx else return => v,
        default => panic!("one is waiting"),
    };
    assert_eq!(n, 2);
}
