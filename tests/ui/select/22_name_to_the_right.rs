// The name that gets the value stands on the left.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        <-rx -> v => println!("{v:?}"),
        default => println!("empty"),
    }
}
