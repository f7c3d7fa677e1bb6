// What an arm receives is an `Option`: the channel may be closed.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    let mut sum = 0;
    select! {
        v = <-c => sum += v,
    }
    println!("{sum}");
}
