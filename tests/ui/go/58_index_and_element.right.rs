// `enumerate` counts.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let names = ["Ann", "Joe"];
    let wg = WaitGroup::new();
    wg.add(1);
    go!([wg], {
        for (i, name) in names.iter().enumerate() {
            println!("{i} {name}");
        }
        wg.done();
    });
    wg.wait();
}
