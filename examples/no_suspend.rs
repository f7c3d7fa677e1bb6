//! A guard that says: nothing in here may suspend. In debug builds the runtime holds you to it.
//!
//! Mirrors nothing of Go's, whose goroutines own no thread-bound guards.

use goroutines::prelude::*;

#[goroutine]
fn main() {
    let result = recover(|| {
        let _guard = runtime::NoSuspend::new();
        time::sleep(time::MILLISECOND);
    });
    match result {
        Ok(()) => println!("slept (a release build does not check)"),
        Err(panic) => println!("refused: {}", panic.message()),
    }
}
