// `defer!(..);` runs at the end of the block.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    go!([wg], {
        defer!(wg.done());
        let _work = 1 + 1;
    });
    wg.wait();
}
