// A `Sender<T>` (Go: `chan<- T`) only sends.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let tx = ch.sender();
    let v = tx.recv();
    println!("{v:?}");
}
