//! A goroutine that would talk for 300 ms, and a main that is over at once.
//!
//! Mirrors:
//! ```go
//! go say("hello world")
//! fmt.Println("over!")
//! ```

use goroutines::prelude::*;

fn say(s: &str) {
    for _ in 0..3 {
        time::sleep(100 * time::MILLISECOND);
        println!("{s}");
    }
}

#[goroutine]
fn main() {
    go!(say("hello world"));
    println!("over!");
}
