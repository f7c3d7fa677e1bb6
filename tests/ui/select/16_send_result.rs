// A send arm has no result, with `->` or with `=`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1).sender();
    select! {
        tx <- 1 -> res => println!("{res:?}"),
        ok = tx <- 2 => println!("{ok:?}"),
    }
}
