//! A send after the close.
//!
//! Mirrors Go's panic `send on closed channel`.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let numbers = make!(chan u32, 3);
    numbers.send(1);
    numbers.close();
    println!("{:?}, then {:?}", numbers.recv(), numbers.recv());
    numbers.send(2);
}
