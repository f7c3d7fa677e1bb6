// An arm that does nothing still has a body.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan (), 1);
    select! {
        <-done =>,
        default => println!("running"),
    }
}
