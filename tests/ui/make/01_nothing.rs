// `make!` makes channels, and needs to know of what.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let a = make!();
    let b = make!(chan);
    let c = make!(i32);
}
