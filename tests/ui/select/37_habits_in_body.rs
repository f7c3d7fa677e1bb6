// The bodies of the arms are Rust, too.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let c = make!(chan i32, 1);
    c.send(1);
    select! {
        v = <-c => {
            text := format!("{v:?}");
            println!("{text}");
        }
    }
}
