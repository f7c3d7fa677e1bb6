// Go's `for v := range ch` receives, so it needs a channel that can receive.
use goroutines::prelude::*;

fn print_all(tx: Sender<i32>) {
    for v in tx {
        println!("{v}");
    }
}

#[goroutine]
fn main() {
    print_all(make!(chan i32).sender());
}
