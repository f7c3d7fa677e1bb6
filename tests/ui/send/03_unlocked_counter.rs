// Two goroutines that add to one counter: in Go a data race, found by luck. Here it does not compile.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let mut counter = 0;
    scope(|s| {
        s.go(|| counter += 1);
        s.go(|| counter += 1);
    });
    println!("{counter}");
}
