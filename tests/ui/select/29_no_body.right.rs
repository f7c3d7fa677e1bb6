// The empty body is `{}`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan (), 1);
    done.close();
    select! {
        <-done => {}
        default => panic!("closed channels are ready"),
    }
}
