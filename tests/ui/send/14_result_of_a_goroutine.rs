// The result of `spawn` comes back from another goroutine, so it has to be sendable too.
use goroutines::prelude::*;
use std::rc::Rc;

#[goroutine]
fn main() {
    let handle = spawn(|| Rc::new(1));
    println!("{}", handle.join().unwrap());
}
