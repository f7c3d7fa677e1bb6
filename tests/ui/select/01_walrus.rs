// Go's `:=` does not exist in Rust: a receive arm binds with `=`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        v := <-rx => println!("{v:?}"),
        default => println!("empty"),
    }
}
