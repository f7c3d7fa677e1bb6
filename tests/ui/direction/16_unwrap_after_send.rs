// `send` returns nothing: there is no `Result` to unwrap. (`std::sync::mpsc` returns one.)
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (tx, rx) = chan::channel(1);
    tx.send(1).unwrap();
    println!("{:?}", rx.recv());
}
