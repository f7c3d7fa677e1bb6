// One clone a turn: in the arguments or by a capture list.
use goroutines::prelude::*;

fn work(i: i32, out: Sender<i32>) {
    out.send(i);
}

#[goroutine]
fn main() {
    let (tx, rx) = goroutines::chan::channel(3);
    for i in 0..3 {
        go!(work(i, tx.clone()));
        go!([tx] work(i, tx));
    }
    drop(tx);
    assert_eq!(rx.iter().count(), 6);
}
