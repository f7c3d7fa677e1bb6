// `v = <-rx => ..` makes a new variable for the body.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(4);
    select! {
        v = <-rx => assert_eq!(v, Some(4)),
        default => panic!("one is waiting"),
    }
}
