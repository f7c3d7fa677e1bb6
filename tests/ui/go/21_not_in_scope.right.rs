// In the scope, borrowing works.
use goroutines::prelude::*;

fn count(part: &str, out: &Chan<usize>) {
    out.send(part.len());
}

#[goroutine]
fn main() {
    let data = String::from("abc");
    let part = &data[1..];
    let ch = make!(chan usize, 1);
    scope(|s| {
        go!(in s, count(part, &ch));
    });
    assert_eq!(ch.recv(), Some(2));
}
