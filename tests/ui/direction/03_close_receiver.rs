// Closing says "no more values": only the sending side can know that.
use goroutines::prelude::*;

fn consume(rx: Receiver<i32>) {
    rx.close();
}

#[goroutine]
fn main() {
    consume(make!(chan i32).receiver());
}
