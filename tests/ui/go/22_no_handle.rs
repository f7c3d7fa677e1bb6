// `go!` gives nothing back: nobody can wait for its result.
use goroutines::prelude::*;

fn work() -> i32 {
    1
}

#[goroutine]
fn main() {
    let handle = go!(work());
    handle.join().unwrap();
}
