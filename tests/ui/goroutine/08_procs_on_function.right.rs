// On `main`, or later by a call.
use goroutines::prelude::*;
use goroutines::runtime;

#[goroutine(procs = 1)]
fn main() {
    assert_eq!(runtime::gomaxprocs(2), 1);
    assert_eq!(runtime::gomaxprocs(0), 2);
}
