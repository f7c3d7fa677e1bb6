// A block takes what it names, also the handle that the next turn of the loop needs.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(1);
        go!({
            println!("worker {i}");
            wg.done();
        });
    }
    wg.wait();
}
