// A block with as many statements as needed.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let ch = make!(chan &str, 2);
    {
        defer! {
            ch.send("cleaning up");
            ch.send("done");
        }
        assert!(ch.is_empty());
    }
    assert_eq!(ch.len(), 2);
}
