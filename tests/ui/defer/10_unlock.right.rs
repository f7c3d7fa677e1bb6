// Nothing is deferred.
use goroutines::prelude::*;
use goroutines::sync::Mutex;

#[goroutine]
fn main() {
    let mu = Mutex::new(0);
    {
        let mut v = mu.lock();
        *v += 1;
    }
    assert_eq!(*mu.lock(), 1);
}
