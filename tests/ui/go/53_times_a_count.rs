// A `Duration` is multiplied by a `u32` only; Go converts the number, `time.Duration(n) * time.Second`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tries: u64 = 3;
    time::sleep(tries * time::MILLISECOND);
}
