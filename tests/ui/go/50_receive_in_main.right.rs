// `recv` gives `None` when the channel is closed and empty.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    c.close();
    let v = c.recv();
    assert_eq!(v, Some(1));
    assert_eq!(c.recv(), None);
}
