// Go's `v, ok := <-c`: the `Option` is both, the value and whether there was one.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    let (v, ok) = c.recv();
    if ok {
        println!("{v}");
    }
}
