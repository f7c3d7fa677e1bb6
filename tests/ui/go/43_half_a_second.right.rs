// A smaller unit.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    time::sleep(5 * time::MILLISECOND);
    assert_eq!(500 * time::MILLISECOND, time::SECOND / 2);
}
