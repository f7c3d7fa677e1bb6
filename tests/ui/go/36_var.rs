// Go's `var` is `let` in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    go!({
        var sum int;
        println!("{sum}");
    });
}
