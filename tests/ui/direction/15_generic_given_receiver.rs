// A function that sends does not take a `Receiver`.
use goroutines::chan::CanSend;
use goroutines::prelude::*;

fn greet<D: CanSend>(ch: &Chan<String, D>) {
    ch.send("hello".to_string());
}

#[goroutine]
fn main() {
    let rx = make!(chan String, 1).receiver();
    greet(&rx);
}
