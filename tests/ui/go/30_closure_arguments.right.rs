// Arguments of a call are evaluated now, in each turn.
use goroutines::prelude::*;

fn worker(id: u32, out: Sender<u32>) {
    out.send(id);
}

#[goroutine]
fn main() {
    let c = make!(chan u32, 3);
    for i in 0..3 {
        go!(worker(i, c.sender()));
    }
    assert_eq!(c.iter().take(3).sum::<u32>(), 3);
}
