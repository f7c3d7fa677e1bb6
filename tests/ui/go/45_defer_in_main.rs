// `defer` is a macro: its call stands in parentheses.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    defer wg.done();
}
