// The other way works: a `Chan` becomes a `Sender`, as Go's assignment does it.
use goroutines::prelude::*;

fn one_way(tx: Sender<i32>) {
    tx.send(1);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    one_way(ch.clone().into());
    assert_eq!(ch.recv(), Some(1));
}
