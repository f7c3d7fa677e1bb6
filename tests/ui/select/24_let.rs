// An arm binds without `let`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        let v = <-rx => println!("{v:?}"),
        default => println!("empty"),
    }
}
