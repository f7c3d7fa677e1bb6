// Go's `func` is `fn` for a function with a name, and `|..|` for a literal.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    go!({
        func square(x int) int {
            return x * x
        }
        println!("{}", square(2));
    });
}
