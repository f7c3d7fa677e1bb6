// Loop over the `Receiver`; the loop ends when the channel is closed and drained.
use goroutines::prelude::*;

fn sum(rx: Receiver<i32>) -> i32 {
    let mut sum = 0;
    for v in rx {
        sum += v;
    }
    sum
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 2);
    ch.send(1);
    ch.send(2);
    ch.close();
    assert_eq!(sum(ch.receiver()), 3);
}
