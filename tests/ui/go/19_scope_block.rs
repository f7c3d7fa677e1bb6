// `go!(in s, ..)` is for calls; a block that borrows is a closure for `s.go`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let data = vec![1, 2, 3];
    scope(|s| {
        go!(in s, { println!("{}", data.len()) });
    });
}
