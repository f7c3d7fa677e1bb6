// A channel is an iterator: it needs no `range`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], {
        for v := range c {
            println!("{v}");
        }
    });
}
