// `_` is `match`'s word; the arm for "nothing is ready" is called `default`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v = <-rx => println!("{v:?}"),
        _ => println!("empty"),
    }
}
