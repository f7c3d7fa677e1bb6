// tokio's `v = rx.recv() => ..` has no arrow: the call would block before `select!` starts.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let (a, b) = (make!(chan i32), make!(chan i32));
    select! {
        v = a.recv() => println!("{v:?}"),
        Some(w) = b.recv() => println!("{w}"),
    }
}
