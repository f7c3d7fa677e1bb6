// An arm waits for a future with `await` before it; a channel needs none.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1).receiver();
    select! {
        v = await => println!("{v}"),
        v = await <-rx => println!("{v:?}"),
    }
}
