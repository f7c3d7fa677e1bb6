// Blocking code is written as it is.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan &str, 2);
    go!([ch], { ch.send("a") });
    go!([ch] move || ch.send("b"));
    assert!(ch.recv().is_some());
    assert!(ch.recv().is_some());
}
