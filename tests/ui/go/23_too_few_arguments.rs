// The call in `go!` is an ordinary call: rustc checks its arguments.
use goroutines::prelude::*;

fn work(id: i32, name: &str) {
    println!("{id} {name}");
}

#[goroutine]
fn main() {
    go!(work(1 + 1));
    go!(work("one", "two"));
}
