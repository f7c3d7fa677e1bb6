// A direction cannot be given back: not by `into` either.
use goroutines::prelude::*;

fn both(_: Chan<i32>) {}

#[goroutine]
fn main() {
    let tx = make!(chan i32).sender();
    both(tx);
}
