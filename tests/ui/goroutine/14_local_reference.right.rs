// It may return a part of what it was given.
use goroutines::prelude::*;

#[goroutine]
fn first(names: &mut [String]) -> &mut String {
    &mut names[0]
}

#[goroutine]
fn main() {
    let mut names = ["gopher".to_string()];
    first(&mut names).push('s');
    assert_eq!(names, ["gophers"]);
}
