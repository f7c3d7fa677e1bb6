//! One `done` too many.
//!
//! Mirrors Go's panic `sync: negative WaitGroup counter`.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    wg.done();
    wg.done();
}
