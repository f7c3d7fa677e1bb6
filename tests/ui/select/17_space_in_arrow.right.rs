// Spaces around the arrow are free; a negative number needs its own minus.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    select! {
        ch <- -1 => {}
    }
    select! {
        v = <- ch => assert_eq!(v, Some(-1)),
    }
}
