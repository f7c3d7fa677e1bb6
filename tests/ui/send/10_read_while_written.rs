// Reading what a goroutine may be writing.
use goroutines::prelude::*;

fn sum(total: &mut i32) {
    *total += 1;
}

#[goroutine]
fn main() {
    let mut total = 0;
    scope(|s| {
        go!(in s, sum(&mut total));
        println!("{total}");
    });
}
