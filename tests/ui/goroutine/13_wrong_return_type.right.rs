// The function is what was written, types and all.
use goroutines::prelude::*;

#[goroutine]
fn length(name: &str) -> usize {
    name.len()
}

#[goroutine]
fn push(list: &mut Vec<i32>) {
    list.push(1);
}

#[goroutine]
fn main() {
    let mut list = vec![length("go") as i32];
    push(&mut list);
    assert_eq!(list, [2, 1]);
}
