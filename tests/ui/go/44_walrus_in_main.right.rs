// `let` makes a new variable.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan bool);
    drop(done);
}
