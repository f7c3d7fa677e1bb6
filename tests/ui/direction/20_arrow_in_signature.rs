// Go's `out chan<- int` is `out: Sender<i32>`, `in <-chan int` is `input: Receiver<i32>`.
use goroutines::prelude::*;

fn produce(out chan<- i32) {
    out.send(1);
}

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    produce(c.sender());
}
