// A send has no result: on a closed channel it panics, as in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    ch.close();
    let outcome = recover(|| {
        select! {
            ch <- 1 => {}
        }
    });
    assert_eq!(outcome.unwrap_err().message(), "send on closed channel");
}
