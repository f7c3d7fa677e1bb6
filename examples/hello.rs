//! The first surprise of every Go tutorial: main does not wait for the goroutines it started.
//!
//! Mirrors:
//! ```go
//! go sayHello()
//! fmt.Println("this is main func")
//! ```
//! When main returns the process ends, and every other goroutine with it.

use goroutines::prelude::*;

fn say_hello() {
    println!("hello goroutine");
}

#[goroutine]
fn main() {
    go!(say_hello());
    println!("this is main func");
}
