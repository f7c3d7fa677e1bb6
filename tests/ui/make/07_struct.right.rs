// `chan()`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan(), 1);
    done.send(());
    assert_eq!(done.recv(), Some(()));
}
