// After `in s` comes a comma.
use goroutines::prelude::*;

fn work(_: &[i32]) {}

#[goroutine]
fn main() {
    let data = vec![1, 2, 3];
    scope(|s| {
        go!(in s work(&data));
    });
}
