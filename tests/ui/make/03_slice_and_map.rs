// Go's `make` for slices and maps is `Vec` and `HashMap` in Rust.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let list = make!([]i32, 3);
    let map = make!(map[String]i32);
}
