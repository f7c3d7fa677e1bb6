//! Everybody waits for somebody else: the runtime sees it, says who waits for what, and ends.
//!
//! Mirrors the best-known message of Go: `fatal error: all goroutines are asleep - deadlock!`

use goroutines::prelude::*;

fn forward(input: Receiver<i32>, out: Sender<i32>) {
    for v in input {
        out.send(v);
    }
}

#[goroutine]
fn main() {
    let a = make!(chan i32);
    let b = make!(chan i32);
    go!(forward(a.receiver(), b.sender()));
    go!(forward(b.receiver(), a.sender()));
    println!("received {:?}", b.recv());
}
