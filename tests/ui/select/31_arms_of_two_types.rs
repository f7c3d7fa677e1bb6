// The arms of a `select!` that yields a value have one type, as those of `match`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    let n: i32 = select! {
        Some(v) = <-rx else return => v,
        default => "none",
    };
    println!("{n}");
}
