// A function that receives takes a `Chan` and a `Receiver`.
use goroutines::chan::CanRecv;
use goroutines::prelude::*;

fn first<D: CanRecv>(ch: &Chan<String, D>) -> Option<String> {
    ch.recv()
}

#[goroutine]
fn main() {
    let ch = make!(chan String, 1);
    ch.send("hello".to_string());
    assert_eq!(first(&ch.receiver()).as_deref(), Some("hello"));
}
