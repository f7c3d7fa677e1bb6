// The arm for "nothing is ready" is called `default`, as in Go.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v = <-rx => println!("{v:?}"),
        else => println!("empty"),
    }
}
