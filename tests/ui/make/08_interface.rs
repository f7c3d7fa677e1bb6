// Rust has no type that every value is of by itself.
use goroutines::prelude::*;

enum Event {
    Key(char),
    Quit,
}

#[goroutine]
fn main() {
    let c = make!(chan interface{}, 1);
    c.send(1);
}
