// `recv` returns an `Option`: the channel may be closed. Go gives a zero instead.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    let mut sum = 0;
    sum += c.recv();
    println!("{sum}");
}
