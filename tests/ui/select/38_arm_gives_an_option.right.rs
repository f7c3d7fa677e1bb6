// A pattern with `else`, which leaves when the channel is closed.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    let mut sum = 0;
    loop {
        select! {
            Some(v) = <-c else break => sum += v,
            default => break,
        }
    }
    assert_eq!(sum, 1);
}
