// crossbeam's `recv(rx) -> v` is written `v = <-rx` here.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        recv(rx) -> v => println!("{v:?}"),
        default => println!("empty"),
    }
}
