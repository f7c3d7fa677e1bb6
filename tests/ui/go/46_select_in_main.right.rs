// An arm has no `case`, and `=>` in front of its body.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    select! {
        v = <-c => println!("{v:?}"),
    }
}
