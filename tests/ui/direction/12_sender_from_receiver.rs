// A receiving end cannot make a sending one.
use goroutines::prelude::*;

fn consume(rx: Receiver<i32>) {
    let tx = rx.sender();
    tx.send(1);
}

#[goroutine]
fn main() {
    consume(make!(chan i32, 1).receiver());
}
