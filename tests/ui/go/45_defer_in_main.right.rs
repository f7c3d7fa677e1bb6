// The call stands in `defer!(..)`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    defer!(wg.done());
}
