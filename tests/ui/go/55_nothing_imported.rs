// Macros, types and the attribute come with one line, `use goroutines::prelude::*;`, in each file.
#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    go!([wg], { wg.done() });
}
