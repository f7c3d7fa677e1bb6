// Go's `case` and `:` are not part of an arm.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    let done = make!(chan ());
    select! {
        case v := <-rx:
            println!("{v:?}");
        case <-done:
            println!("done");
        default:
            println!("empty");
    }
}
