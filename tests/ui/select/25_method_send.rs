// A send arm needs the arrow: a method call would block before `select!` starts.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1);
    select! {
        tx.send(1) => println!("sent"),
        tx.recv() => println!("received"),
    }
}
