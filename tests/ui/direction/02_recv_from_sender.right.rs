// Receive from the `Chan`, or from its `Receiver`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    ch.sender().send(2);
    assert_eq!(ch.receiver().recv(), Some(2));
}
