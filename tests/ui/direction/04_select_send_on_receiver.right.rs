// A send arm takes a `Chan` or a `Sender`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let tx = ch.sender();
    select! {
        tx <- 7 => {}
        default => panic!("there is room for one"),
    }
    assert_eq!(ch.recv(), Some(7));
}
