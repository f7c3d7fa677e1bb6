// The arrow is for `select!`: deferred code sends by a method.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan (), 1);
    defer!(done <- ());
}
