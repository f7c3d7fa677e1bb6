// `chan T`; the type that it makes is `Chan<T>`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c: Chan<i32> = make!(chan i32, 3);
    c.send(1);
    assert_eq!(c.recv(), Some(1));
}
