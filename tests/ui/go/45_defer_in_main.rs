// `defer` is a macro: its call stands in parentheses. rustc reads a function before us, so its own guess comes first.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    defer wg.done();
}
