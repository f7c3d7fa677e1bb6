// A capture list keeps a clone for the end.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (tx, rx) = goroutines::chan::channel(1);
    {
        defer!([tx], tx.close());
        tx.send(1);
        drop(tx);
    }
    assert_eq!(rx.recv(), Some(1));
    assert!(rx.is_closed());
}
