// Name the part.
use goroutines::prelude::*;

struct Config {
    tx: Sender<i32>,
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    let config = Config { tx: ch.sender() };
    go!([tx = config.tx.clone()], { tx.send(1) });
    assert_eq!(ch.recv(), Some(1));
    drop(config);
}
