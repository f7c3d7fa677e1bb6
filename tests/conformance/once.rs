//! After Go's `sync/once_test.go`.

use goroutines::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use tests::{gang, panic_text};

/// `TestOnce`: ten ask, one runs, and nobody returns before it has run.
#[test]
fn runs_once_and_everybody_sees_it() {
    for _ in 0..100 {
        let (once, runs) = (Once::new(), AtomicU32::new(0));
        gang(10, |_| {
            once.do_(|| {
                std::thread::yield_now();
                runs.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(runs.load(Ordering::Relaxed), 1);
        });
    }
}

/// `TestOncePanic`: a function that panicked has been run; later calls are silent.
#[test]
fn a_panic_counts_as_done() {
    let once = Once::new();
    assert_eq!(panic_text(|| once.do_(|| panic!("failed"))), "failed");
    once.do_(|| panic!("called twice"));
}
