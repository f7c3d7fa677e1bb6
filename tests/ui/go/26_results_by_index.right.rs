// A scope lends each goroutine its own place; without one, `Arc<Mutex<Vec<_>>>` or a channel.
use goroutines::prelude::*;

fn status_of(page: usize) -> usize {
    200 + page
}

#[goroutine]
fn main() {
    let mut results = vec![0; 3];
    scope(|s| {
        for (i, place) in results.iter_mut().enumerate() {
            s.go(move || *place = status_of(i));
        }
    });
    assert_eq!(results, [200, 201, 202]);
}
