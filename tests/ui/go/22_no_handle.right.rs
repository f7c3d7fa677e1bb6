// `spawn` gives a handle with the result.
use goroutines::prelude::*;

fn work() -> i32 {
    1
}

#[goroutine]
fn main() {
    let handle = spawn(work);
    assert_eq!(handle.join().unwrap(), 1);
}
