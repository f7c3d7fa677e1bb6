// A capture is a name or `name = expression`, not a place and not a reference.
use goroutines::prelude::*;

struct Config {
    tx: Sender<i32>,
}

#[goroutine]
fn main() {
    let config = Config { tx: make!(chan i32, 1).sender() };
    go!([config.tx], { config.tx.send(1) });
    go!([&config], { config.tx.send(1) });
}
