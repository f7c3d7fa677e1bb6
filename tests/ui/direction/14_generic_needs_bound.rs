// Code over every direction has to name the one it uses.
use goroutines::chan::Direction;
use goroutines::prelude::*;

fn greet<D: Direction>(ch: &Chan<String, D>) {
    ch.send("hello".to_string());
}

#[goroutine]
fn main() {
    greet(&make!(chan String, 1));
}
