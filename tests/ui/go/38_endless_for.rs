// Go's endless `for` is `loop` in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], {
        for {
            c.send(1);
        }
    });
}
