//! `hello goroutine` is never printed: `main` does not wait.
//!
//! Let the goroutine tell `main` over the channel that it is done, and let `main` wait for that.

use goroutines::prelude::*;

fn say_hello(done: Sender<()>) {
    println!("hello goroutine");
    done.send(());
}

#[goroutine]
fn main() {
    let done = make!(chan());
    go!(say_hello(done.sender()));
    done.recv();
    println!("hello main, {} messages", done.len());
}
