// `default` runs at once if no other arm is ready.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    let empty = select! {
        <-rx => false,
        default => true,
    };
    assert!(empty);
}
