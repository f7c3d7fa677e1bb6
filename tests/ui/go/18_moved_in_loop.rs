// The first turn of the loop would take the handle away from the second.
use goroutines::prelude::*;

fn work(i: i32, out: Sender<i32>) {
    out.send(i);
}

#[goroutine]
fn main() {
    let (tx, rx) = goroutines::chan::channel(3);
    for i in 0..3 {
        go!(work(i, tx));
    }
    assert_eq!(rx.iter().count(), 3);
}
