// In the body of a `#[goroutine]` function rustc's own errors stand where they belong.
use goroutines::prelude::*;

#[goroutine]
fn length(name: &str) -> usize {
    name
}

#[goroutine]
fn push(list: &Vec<i32>) {
    list.push(1);
}

#[goroutine]
fn main() {
    push(&vec![length("go") as i32]);
}
