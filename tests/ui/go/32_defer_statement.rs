// `defer` is no word of Rust but a macro of this crate.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    go!([wg], {
        defer wg.done();
        println!("working");
    });
    wg.wait();
}
