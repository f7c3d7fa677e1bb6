// A receive has the arrow before the channel.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(1);
    select! {
        v = <-rx => assert_eq!(v, Some(1)),
        default => panic!("one is waiting"),
    }
}
