// crossbeam's `send(tx, v) -> res` is written `tx <- v` here.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1).sender();
    select! {
        send(tx, 1) -> res => println!("{res:?}"),
        default => println!("full"),
    }
}
