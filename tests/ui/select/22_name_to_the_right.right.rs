// Left of `=` stands a name or a pattern, as after `let`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan (i32, i32), 1);
    rx.send((1, 2));
    select! {
        Some((_, b)) = <-rx else panic!("closed") => assert_eq!(b, 2),
        default => panic!("one is waiting"),
    }
}
