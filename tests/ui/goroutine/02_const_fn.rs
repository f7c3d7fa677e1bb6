// The compiler runs a `const fn` too, and it has no scheduler.
use goroutines::prelude::*;

#[goroutine]
const fn twice(n: u32) -> u32 {
    2 * n
}

const FOUR: u32 = twice(2);

fn main() {
    println!("{FOUR}");
}
