// `biased` is a statement of its own.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    select! {
        biased,
        v = <-a => println!("{v:?}"),
        v = <-b => println!("{v:?}"),
    }
}
