// Directions hold in `select!` too: no send on a `Receiver`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1).receiver();
    select! {
        rx <- 0 => println!("sent"),
        default => println!("full"),
    }
}
