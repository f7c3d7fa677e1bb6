// `D: CanSend` takes a `Chan` and a `Sender`, and no `Receiver`.
use goroutines::chan::CanSend;
use goroutines::prelude::*;

fn greet<D: CanSend>(ch: &Chan<String, D>) {
    ch.send("hello".to_string());
}

#[goroutine]
fn main() {
    let ch = make!(chan String, 2);
    greet(&ch);
    greet(&ch.sender());
    assert_eq!(ch.len(), 2);
}
