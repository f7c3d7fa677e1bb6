// Directions hold in `select!` too: no receive from a `Sender`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1).sender();
    select! {
        v = <-tx => println!("{v:?}"),
        default => println!("empty"),
    }
}
