// Go's `defer mu.Unlock()` is the guard of `lock`: it unlocks when it goes.
use goroutines::prelude::*;
use goroutines::sync::Mutex;

#[goroutine]
fn main() {
    let mu = Mutex::new(0);
    let mut v = mu.lock();
    defer!(mu.unlock());
    *v += 1;
}
