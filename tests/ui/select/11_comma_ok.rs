// Go's `v, ok` is one `Option` here.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v, ok = <-rx => println!("{v} {ok}"),
        default => println!("empty"),
    }
}
