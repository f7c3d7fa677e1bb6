// A goroutine is not a future: there is no `async` around its code.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    go!(async { println!("a") });
    go!(async move || println!("b"));
    go!(async || println!("c"));
}
