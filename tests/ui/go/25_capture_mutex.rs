// A capture list clones, and a lock has no clone: two copies would lock nothing.
use goroutines::prelude::*;
use goroutines::sync::Mutex;

#[goroutine]
fn main() {
    let total = Mutex::new(0);
    go!([total], { *total.lock() += 1 });
    println!("{}", total.lock());
}
