// The number is converted, or is a `u32` from the start.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tries: u64 = 3;
    let pause = tries as u32 * time::MILLISECOND;
    time::sleep(pause);
    assert_eq!(pause, 3 * time::MILLISECOND);
}
