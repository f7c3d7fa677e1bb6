// A `Chan` is not made a `Sender` silently, as Go makes it: say which end you hand out.
use goroutines::prelude::*;

fn produce(out: Sender<i32>) {
    out.send(1);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 1);
    go!(produce(ch.clone()));
    println!("{:?}", ch.recv());
}
