// `defer!` is a statement: as the last thing in a block it needs its `;`.
use goroutines::prelude::*;

fn work() {
    println!("working");
    defer!(println!("done"))
}

#[goroutine]
fn main() {
    work();
}
