// C calls an `extern` function on a stack of its own choice.
use goroutines::prelude::*;

#[goroutine]
extern "C" fn callback(n: i32) -> i32 {
    n
}

fn main() {
    callback(1);
}
