// A capture list clones: each goroutine writes into a list of its own, which nobody reads.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let results = vec![0; 3];
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(1);
        go!([wg, mut results], {
            defer!(wg.done());
            results[i] = i * i;
        });
    }
    wg.wait();
    println!("{results:?}");
}
