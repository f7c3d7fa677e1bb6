// The three kinds of arms.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    for _ in 0..2 {
        select! {
            Some(v) = <-rx else return => assert_eq!(v, 1),
            rx <- 1 => {}
            default => panic!("one of the two can go on"),
        }
    }
    assert!(rx.is_empty());
}
