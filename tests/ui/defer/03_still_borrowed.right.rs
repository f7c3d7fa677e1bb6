// A value that still changes lives in a `Mutex` (or a `Cell`).
use goroutines::prelude::*;
use goroutines::sync::Mutex;

#[goroutine]
fn main() {
    let log = Mutex::new(vec!["start"]);
    defer!(assert_eq!(*log.lock(), ["start", "end"]));
    log.lock().push("end");
}
