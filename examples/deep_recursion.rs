//! A stack that grows: a hundred thousand calls deep, in a goroutine that began with a small stack.
//!
//! Mirrors "a goroutine begins with a small stack, which grows as needed". A function whose depth
//! depends on its input gets `#[goroutine]`, and with it Go's prologue, which asks for more stack
//! when there is little left.

use goroutines::prelude::*;
use std::hint::black_box;

#[goroutine]
fn depth(n: u32) -> u32 {
    let frame = black_box([n; 16]); // something to keep on the stack
    if n == 0 { 0 } else { 1 + depth(frame[0] - 1) }
}

#[goroutine]
fn main() {
    let (tx, rx) = chan::channel(0);
    go!({ tx.send(depth(100_000)) });
    println!("{} calls deep and back", rx.recv().unwrap());
}
