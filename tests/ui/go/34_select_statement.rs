// `select` is no word of Rust but a macro of this crate.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!([c], {
        select {
            case v := <-c:
                println!("{v}");
        }
    });
}
