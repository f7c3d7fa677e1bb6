// A channel is an iterator.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.close();
    for v in c {
        println!("{v}");
    }
}
