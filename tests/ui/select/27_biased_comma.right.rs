// With `biased;` the first ready arm in source order is chosen, not a random one.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    b.send(2);
    a.send(1);
    select! {
        biased;
        v = <-a => assert_eq!(v, Some(1)),
        v = <-b => panic!("{v:?}"),
    }
}
