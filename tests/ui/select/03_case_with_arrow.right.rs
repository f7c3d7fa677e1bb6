// The arm begins with the pattern, the arrow or the channel.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v = <-rx => panic!("{v:?}"),
        rx <- 1 => {}
    }
    assert_eq!(rx.len(), 1);
}
