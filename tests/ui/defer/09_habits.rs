// What is deferred is Rust, too.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    defer! { done := true; println!("{done}") };
    println!("working");
}
