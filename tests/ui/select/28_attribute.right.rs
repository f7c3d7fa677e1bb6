// An operand may be `None`, so `cfg!` can decide.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.send(1);
    let got = select! {
        v = <-cfg!(any()).then_some(&rx) => v,
        default => None,
    };
    assert_eq!(got, None);
}
