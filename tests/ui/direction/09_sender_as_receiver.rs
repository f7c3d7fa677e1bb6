// The two ends are different types: a `Sender` is not a `Receiver`.
use goroutines::prelude::*;

fn consume(rx: Receiver<i32>) {
    println!("{:?}", rx.recv());
}

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1).sender();
    consume(tx);
}
