// Go's `for v := range c` is `for v in c`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.close();
    for v := range c {
        println!("{v}");
    }
}
