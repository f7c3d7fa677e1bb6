// There are no `if` guards: an arm is switched off by its channel.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    let open = false;
    select! {
        v = <-rx, if open => println!("{v:?}"),
        default => println!("empty"),
    }
}
