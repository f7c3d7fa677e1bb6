// There is no function `range`: `0..3` counts 0, 1, 2.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 3);
    for i in range(3) {
        c.send(i);
    }
}
