// All three brackets mean the same.
use goroutines::prelude::*;

fn work(done: Sender<()>) {
    done.send(());
}

#[goroutine]
fn main() {
    let done = make!(chan (), 3);
    go!(work(done.sender()));
    go![work(done.sender())];
    go! { work(done.sender()) }
    assert_eq!(done.iter().take(3).count(), 3);
}
