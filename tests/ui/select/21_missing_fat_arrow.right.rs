// Every arm has its `=>`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(1);
    select! {
        v = <-rx => { assert_eq!(v, Some(1)) }
    }
}
