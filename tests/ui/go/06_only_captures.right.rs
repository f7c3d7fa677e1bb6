// The names in the list are clones; the originals stay usable.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32, 1), make!(chan i32, 1));
    go!([a, b], { b.send(a.recv().unwrap() + 1) });
    a.send(1);
    assert_eq!(b.recv(), Some(2));
}
