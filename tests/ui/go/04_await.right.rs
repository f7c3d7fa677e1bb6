// `block_on` waits for a future, in any goroutine.
use goroutines::prelude::*;

async fn fetch() -> i32 {
    1
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!([ch], { ch.send(block_on(fetch())) });
    assert_eq!(ch.recv(), Some(1));
}
