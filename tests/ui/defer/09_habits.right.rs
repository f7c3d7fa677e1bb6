// `let`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan bool, 1);
    {
        defer! { let done = true; c.send(done); };
    }
    assert_eq!(c.recv(), Some(true));
}
