// With `;`, or with braces.
use goroutines::prelude::*;

fn work(ch: &Chan<i32>) {
    defer!(ch.send(1));
    defer! { ch.send(2) }
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 2);
    work(&ch);
    assert_eq!((ch.recv(), ch.recv()), (Some(2), Some(1)));
}
