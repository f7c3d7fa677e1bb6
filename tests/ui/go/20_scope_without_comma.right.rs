// `go!(in s, f(x))`: references borrow from the caller, which waits.
use goroutines::prelude::*;

fn work(data: &[i32], out: &Chan<i32>) {
    out.send(data.iter().sum());
}

#[goroutine]
fn main() {
    let data = vec![1, 2, 3];
    let ch = make!(chan i32, 1);
    scope(|s| {
        go!(in s, work(&data, &ch));
    });
    assert_eq!(ch.recv(), Some(6));
}
