// An arm is a receive, a send or `default`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    select! {
        rx => println!("?"),
        = <-rx => println!("?"),
        v = <- => println!("{v:?}"),
        rx <- => println!("?"),
        rx <- move => println!("?"),
        default if true => println!("?"),
        Some(v) = <-rx else => println!("{v}"),
        rx <- 1 else return => println!("?"),
        v = <-rx if true => println!("{v:?}"),
    }
}
