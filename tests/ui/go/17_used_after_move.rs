// What a goroutine was given is no longer the caller's.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!({ ch.send(1) });
    println!("{:?}", ch.recv());
}
