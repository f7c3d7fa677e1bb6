//! `for v in channel` until it is closed and drained.
//!
//! Mirrors "Range and Close" of "A Tour of Go". What was buffered before the close still arrives.

use goroutines::prelude::*;

fn fibonacci(n: usize, c: Sender<u64>) {
    let (mut x, mut y) = (0, 1);
    for _ in 0..n {
        c.send(x);
        (x, y) = (y, x + y);
    }
    c.close();
}

#[goroutine]
fn main() {
    let c = make!(chan u64, 10);
    go!(fibonacci(c.cap(), c.sender()));
    for i in &c {
        println!("{i}");
    }
    println!(
        "closed: {}, then receives give {:?}",
        c.is_closed(),
        c.recv()
    );
}
