// Go lets each goroutine write its own place of a shared slice. A `Vec` has one owner: here the goroutine, whose writes nobody would see.
use goroutines::prelude::*;

fn status_of(page: usize) -> usize {
    200 + page
}

#[goroutine]
fn main() {
    let mut results = vec![0; 3];
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(1);
        go!([wg], {
            results[i] = status_of(i);
            wg.done();
        });
    }
    wg.wait();
    println!("{results:?}");
}
