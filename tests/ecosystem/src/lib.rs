//! What the compatibility suite runs its crates in: many goroutines, on few and on several processors.

use goroutines::{runtime, scope};
use std::sync::{Mutex, PoisonError};

/// Runs `f(0) .. f(n - 1)`, each as a goroutine, all at once, with GOMAXPROCS 1, 2 and 4 in turn. One caller at a
/// time, because GOMAXPROCS belongs to all.
pub fn everywhere(n: usize, f: impl Fn(usize) + Sync) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let before = runtime::gomaxprocs(0);
    for procs in [1, 2, 4] {
        runtime::gomaxprocs(procs);
        runtime::run(|| {
            scope(|s| {
                for i in 0..n {
                    let f = &f;
                    s.go(move || f(i));
                }
            });
        });
    }
    runtime::gomaxprocs(before);
}
