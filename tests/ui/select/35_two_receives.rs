// A channel of channels is received from in two steps.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let requests = make!(chan Chan<i32>, 1);
    select! {
        v = <-<-requests => println!("{v:?}"),
        default => println!("none"),
    }
}
