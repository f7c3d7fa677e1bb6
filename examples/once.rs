//! Ten goroutines ask for it, it happens once.
//!
//! Mirrors the example of Go's `sync.Once`.

use goroutines::prelude::*;
use goroutines::sync::Once;

static ONCE: Once = Once::new();

#[goroutine]
fn main() {
    let done = make!(chan bool);
    for _ in 0..10 {
        go!([done], {
            ONCE.do_(|| println!("Only once"));
            done.send(true);
        });
    }
    for _ in 0..10 {
        done.recv();
    }
}
