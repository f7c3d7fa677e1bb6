// An argument is evaluated now, in each turn.
use goroutines::prelude::*;

fn square(i: i32, out: Sender<i32>) {
    out.send(i * i);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 3);
    for i in 0..3 {
        go!(square(i, ch.sender()));
    }
    let sum: i32 = ch.iter().take(3).sum();
    assert_eq!(sum, 5);
}
