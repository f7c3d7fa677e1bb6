// Only a channel can be received from.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let n = 1;
    select! {
        v = <-n => println!("{v:?}"),
    }
}
