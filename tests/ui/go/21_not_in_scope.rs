// Only `in s` ties a goroutine to the scope; a plain `go!` may outlive it.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let data = vec![1, 2, 3];
    let part = &data[1..];
    scope(|_s| {
        go!(move || println!("{}", part.len()));
    });
}
