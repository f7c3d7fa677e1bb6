//! One `select!` that sends on one channel and listens on another.
//!
//! Mirrors the Fibonacci generator of "A Tour of Go".

use goroutines::prelude::*;

fn fibonacci(c: Sender<u64>, quit: Receiver<()>) {
    let (mut x, mut y) = (0, 1);
    loop {
        select! {
            c <- x => (x, y) = (y, x + y),
            <-quit => {
                println!("quit");
                return;
            }
        }
    }
}

#[goroutine]
fn main() {
    let c = make!(chan u64);
    let quit = make!(chan());
    go!([c, quit], {
        for _ in 0..10 {
            println!("{}", c.recv().unwrap());
        }
        quit.send(());
    });
    fibonacci(c.sender(), quit.receiver());
}
