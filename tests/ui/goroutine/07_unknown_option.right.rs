// `procs` is Go's GOMAXPROCS for this program.
use goroutines::prelude::*;
use goroutines::runtime;

#[goroutine(stack = "1MiB", procs = 2)]
fn main() {
    assert_eq!(runtime::gomaxprocs(0), 2);
}
