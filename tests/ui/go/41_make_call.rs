// `make` is a macro here: a function could not read `chan T`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    go!({
        let c = make(chan i32, 1);
        c.send(1);
    });
}
