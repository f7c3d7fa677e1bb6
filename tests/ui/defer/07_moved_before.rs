// A value that was moved away cannot be used at the end.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let tx = make!(chan i32, 1).sender();
    defer!(tx.close());
    go!(move || tx.send(1));
}
