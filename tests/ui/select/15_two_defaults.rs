// There is one `default` arm at most.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v = <-rx => println!("{v:?}"),
        default => println!("empty"),
        default => println!("still empty"),
    }
}
