// `s.go(|| { .. })` borrows what it names.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let data = String::from("abc");
    let ch = make!(chan usize, 1);
    scope(|s| {
        s.go(|| ch.send(data.len()));
    });
    assert_eq!(ch.recv(), Some(3));
}
