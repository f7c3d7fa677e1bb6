// Go's short declaration is `let` in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    go!([c], {
        x := 1;
        c.send(x);
    });
}
