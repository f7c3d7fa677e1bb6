// The value is evaluated before `select!` waits, the send happens if the arm is chosen.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1);
    select! {
        tx <- 1 => {}
        <-tx => panic!("nothing was there to receive"),
    }
    assert_eq!(tx.recv(), Some(1));
}
