// Go passes arguments to a function literal: `go func(i int) { .. }(i)`. A closure here has none.
use goroutines::prelude::*;

fn worker(id: u32, out: Sender<u32>) {
    out.send(id);
}

#[goroutine]
fn main() {
    let c = make!(chan u32, 3);
    for i in 0..3 {
        go!(|i| worker(i, c.sender()), i);
    }
}
