// After the scope every goroutine of it has ended.
use goroutines::prelude::*;

fn sum(total: &mut i32) {
    *total += 1;
}

#[goroutine]
fn main() {
    let mut total = 0;
    scope(|s| {
        go!(in s, sum(&mut total));
    });
    assert_eq!(total, 1);
}
