// `done.send(())`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan (), 1);
    {
        defer!(done.send(()));
    }
    assert_eq!(done.len(), 1);
}
