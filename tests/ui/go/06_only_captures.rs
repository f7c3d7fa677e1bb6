// A capture list comes before what is to run; alone it runs nothing.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32), make!(chan i32));
    go!([a, b]);
    drop((a, b));
}
