// A channel is made with both directions; its ends are taken from it.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan<- i32);
    let rx = make!(<-chan i32);
}
