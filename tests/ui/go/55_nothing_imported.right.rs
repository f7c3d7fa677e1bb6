// One line at the top of every file that uses goroutines.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    go!([wg], { wg.done() });
    wg.wait();
}
