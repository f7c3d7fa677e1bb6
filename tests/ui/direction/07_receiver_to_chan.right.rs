// Keep the `Chan` where both directions are needed, and hand out ends.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32);
    let rx: Receiver<i32> = ch.receiver();
    ch.close();
    assert_eq!(rx.recv(), None);
}
