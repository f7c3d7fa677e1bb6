// The value is an `Option`: `None` says that the channel is closed and drained.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let rx = make!(chan i32, 1);
    rx.close();
    select! {
        v = <-rx => assert!(v.is_none()),
        default => panic!("a closed channel is ready"),
    }
}
