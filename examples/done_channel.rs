//! Waiting the right way: the goroutine says on a channel that it is done.
//!
//! Mirrors `done := make(chan bool)`, `done <- true` at the end of the goroutine and `<-done` in
//! main. As many receives as sends: one `done` for one goroutine.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan bool);
    go!([done], {
        for _ in 0..3 {
            time::sleep(100 * time::MILLISECOND);
            println!("hello world");
        }
        done.send(true);
    });

    done.recv();
    println!("over!");
}
