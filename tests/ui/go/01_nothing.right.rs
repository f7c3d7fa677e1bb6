// A call, a block, a closure.
use goroutines::prelude::*;

fn add(a: i32, b: i32, out: Sender<i32>) {
    out.send(a + b);
}

#[goroutine]
fn main() {
    let ch = make!(chan i32, 3);
    go!(add(1, 2, ch.sender()));
    go!([ch], { ch.send(3) });
    let tx = ch.sender();
    go!(move || tx.send(3));
    for _ in 0..3 {
        assert_eq!(ch.recv(), Some(3));
    }
}
