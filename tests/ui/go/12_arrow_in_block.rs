// The arrow is for `select!`: in a goroutine's code, send and receive are methods.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32);
    go!([ch], {
        ch <- 1;
    });
    go!({
        let v = <-ch;
        println!("{v:?}");
    });
}
