//! A panic in a goroutine that nobody waits for.
//!
//! Mirrors Go's `panic: ...` and exit code 2.

use goroutines::prelude::*;

fn divide(a: i32, b: i32) -> i32 {
    a / b
}

#[goroutine]
fn main() {
    go!({
        println!("{}", divide(1, 0));
    });
    time::sleep(10 * time::SECOND);
    println!("never printed");
}
