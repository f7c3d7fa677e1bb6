// `time::after` sends on its channel when the time has come.
use goroutines::prelude::*;
use std::time::Duration;

#[goroutine]
fn main() {
    let rx = make!(chan i32);
    let late = select! {
        _ = <-rx => false,
        <-time::after(Duration::from_millis(1)) => true,
    };
    assert!(late);
}
