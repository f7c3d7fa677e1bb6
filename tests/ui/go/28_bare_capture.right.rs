// `[c]` clones `c` for the goroutine.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], { c.send(1) });
    assert_eq!(c.recv(), Some(1));
}
