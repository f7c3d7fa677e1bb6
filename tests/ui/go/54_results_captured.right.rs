// What is shared is behind a lock; a capture list then clones the `Arc`.
use goroutines::prelude::*;

#[goroutine]
fn main() {
    let results = std::sync::Arc::new(sync::Mutex::new(vec![0; 3]));
    let wg = WaitGroup::new();
    for i in 0..3 {
        wg.add(1);
        go!([wg, results], {
            defer!(wg.done());
            results.lock()[i] = i * i;
        });
    }
    wg.wait();
    assert_eq!(*results.lock(), [0, 1, 4]);
}
