// One arm is one operation: receive first, then send.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (tx, rx) = (make!(chan i32, 1), make!(chan i32, 1));
    select! {
        tx <- <-rx => println!("passed on"),
        default => println!("not now"),
    }
}
