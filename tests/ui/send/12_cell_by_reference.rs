// `scope` lends references, and only to what may be shared.
use goroutines::prelude::*;
use std::cell::Cell;

fn bump(n: &Cell<i32>) {
    n.set(n.get() + 1);
}

#[goroutine]
fn main() {
    let n = Cell::new(0);
    scope(|s| {
        go!(in s, bump(&n));
        go!(in s, bump(&n));
    });
}
