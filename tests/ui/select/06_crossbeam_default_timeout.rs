// A timeout is a channel like every other.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32);
    select! {
        v = <-rx => println!("{v:?}"),
        default(std::time::Duration::from_millis(10)) => println!("too late"),
    }
}
