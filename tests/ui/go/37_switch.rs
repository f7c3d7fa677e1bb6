// Go's `switch` is `match` in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let n = 2;
    go!({
        switch n {
            case 1: println!("one"),
        }
    });
}
