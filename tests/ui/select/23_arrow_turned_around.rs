// `v <- rx` is a send on `v`: the arrow shows where the value goes.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v <- rx => println!("received"),
        default => println!("empty"),
    }
}
