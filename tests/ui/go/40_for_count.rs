// A loop that counts goes over a range.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32);
    go!([c], {
        for i := 0; i < 3; i++ {
            c.send(i);
        }
    });
}
