// Where the `default` arm stands does not matter.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    let got = select! {
        default => None,
        v = <-rx => v,
    };
    assert_eq!(got, None);
}
