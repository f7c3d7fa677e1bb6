// The two ends are different types: a `Receiver` is not a `Sender`.
use goroutines::prelude::*;

fn produce(tx: Sender<i32>) {
    tx.send(1);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    produce(ch.receiver());
}
