// An operand is a channel, a reference to one, or an `Option` of either.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let maybe = Some(&ch);
    ch.send(1);
    select! {
        v = <-maybe => assert_eq!(v, Some(1)),
    }
}
