// Arithmetic needs no `#[goroutine]`; recursion at run time does.
use goroutines::prelude::*;

const fn twice(n: u32) -> u32 {
    2 * n
}

#[goroutine]
fn depth(n: u32) -> u32 {
    if n == 0 { 0 } else { 1 + depth(n - 1) }
}

#[goroutine]
fn main() {
    const FOUR: u32 = twice(2);
    assert_eq!(depth(FOUR), 4);
}
