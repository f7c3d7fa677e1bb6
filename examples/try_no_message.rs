//! The done channel without the message: main waits for something that nobody will send.
//!
//! Mirrors Go's `fatal error: all goroutines are asleep - deadlock!`.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let done = make!(chan bool);
    go!({
        for _ in 0..3 {
            time::sleep(100 * time::MILLISECOND);
            println!("hello world");
        }
    });

    done.recv();
    println!("over!");
}
