// A raw pointer says nothing about who else uses its target.
use goroutines::prelude::*;

fn show(p: *const i32) {
    println!("{p:?}");
}

#[goroutine]
fn main() {
    let n = 1;
    go!(show(&raw const n));
}
