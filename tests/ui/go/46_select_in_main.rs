// `select` is a macro: without `!` rustc takes it for a struct, and says so first.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    select {
        case v := <-c:
            println!("{v:?}");
    }
}
