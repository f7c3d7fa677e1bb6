// `go!(..)`.
use goroutines::prelude::*;

fn work(done: Sender<()>) {
    done.send(());
}

#[goroutine]
fn main() {
    let done = make!(chan ());
    go!(work(done.sender()));
    assert_eq!(done.recv(), Some(()));
}
