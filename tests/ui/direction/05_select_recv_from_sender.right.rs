// A receive arm takes a `Chan` or a `Receiver`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let rx = ch.receiver();
    ch.send(3);
    let got = select! {
        v = <-rx => v,
        default => None,
    };
    assert_eq!(got, Some(3));
}
