// `=>` stands between what an arm waits for and its body.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v = <-rx { println!("{v:?}") }
    }
}
