// An arm is not an item: `cfg` cannot be put on it.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        #[cfg(unix)]
        v = <-rx => println!("{v:?}"),
        default => println!("empty"),
    }
}
