// Two names after `for` are one pattern, and `enumerate` gives the index.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let names = vec!["Ann", "Joe"];
    let wg = WaitGroup::new();
    wg.add(1);
    go!([wg], {
        for i, name in names {
            println!("{i} {name}");
        }
        wg.done();
    });
    wg.wait();
}
