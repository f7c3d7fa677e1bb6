// `go` is no word of Rust but a macro of this crate.
use goroutines::prelude::*;

fn worker(id: u32, out: Sender<u32>) {
    out.send(id);
}

#[goroutine]
fn main() {
    let c = make!(chan u32, 1);
    go!([c], {
        go worker(1, c.sender());
    });
}
