// One arm is one operation: receive first, then send.
use goroutines::prelude::*;

fn twice(n: Option<i32>) -> i32 {
    2 * n.unwrap_or(0)
}

#[goroutine]
fn main() {
    let (tx, rx) = (make!(chan i32, 1), make!(chan i32, 1));
    select! {
        tx <- <-rx => println!("passed on"),
        tx <- twice(<-rx) => println!("passed on twice"),
        default => println!("not now"),
    }
}
