//! Nobody listens any more: a goroutine that can never send again ends, and its destructors run.
//!
//! Mirrors the leak of many Go texts, where a generator whose consumer has gone blocks for ever. Here
//! the last `Receiver` ends the sender, as a pipe without readers ends the program that writes to it.

use goroutines::prelude::*;

fn numbers(ended: Sender<&'static str>) -> Receiver<u32> {
    let (out, rx) = chan::channel(0);
    go!({
        defer!(ended.send("the generator has ended"));
        for n in 1.. {
            out.send(n);
        }
    });
    rx
}

#[goroutine]
fn main() {
    let (ended, end) = chan::channel(0);
    let rx = numbers(ended);
    println!("{:?} {:?}", rx.recv(), rx.recv());
    drop(rx);
    println!("{}", end.recv().unwrap());
}
