// A `#[goroutine]` function returns no reference to its own variables, like every function.
use goroutines::prelude::*;

#[goroutine]
fn name() -> &'static str {
    let name = String::from("gopher");
    &name
}

#[goroutine]
fn main() {
    println!("{}", name());
}
