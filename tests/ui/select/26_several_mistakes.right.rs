// The same, as it is written here.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b, c) = (make!(chan i32), make!(chan i32), make!(chan i32));
    let n: i32 = select! {
        v = <-a => v.unwrap(),
        w = <-b => w.unwrap(),
        Some(x) = <-c else return => x,
        default => 5,
    };
    assert_eq!(n, 5);
}
