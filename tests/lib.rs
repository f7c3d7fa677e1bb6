//! What the test programs of this package share.

/// The crate as a third one would pass it on, for the tests of the macros.
pub use goroutines as reexported;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f`, which must panic with a text, and returns the text.
pub fn panic_text<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("did not panic"),
        Err(payload) => text_of(&*payload),
    }
}

/// The text of a panic's payload.
pub fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .expect("the payload is a text")
}

/// Runs `f(0)` .. `f(n - 1)` all at once, the even ones in goroutines and the odd ones in plain
/// threads, and returns when all have returned.
pub fn gang(n: usize, f: impl Fn(usize) + Sync) {
    let f = &f;
    std::thread::scope(|threads| {
        for i in (1..n).step_by(2) {
            threads.spawn(move || f(i));
        }
        goroutines::scope(|goroutines| {
            for i in (0..n).step_by(2) {
                goroutines.go(move || f(i));
            }
        });
    });
}

/// Waits until `condition` holds; fails after ten seconds. For what has no event to wait for, such
/// as "the other one is blocked by now".
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !condition() {
        assert!(start.elapsed().as_secs() < 10, "never happened: {what}");
        goroutines::runtime::gosched();
    }
}

/// Keeps the processor busy for `d` without giving it up.
pub fn spin_for(d: std::time::Duration) {
    let start = std::time::Instant::now();
    while start.elapsed() < d {
        std::hint::spin_loop();
    }
}
