// `case` is not written, even if the rest of the arm is right.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        case v = <-rx => println!("{v:?}"),
        default => println!("empty"),
    }
}
