//! After Go's `sync/waitgroup_test.go`.

use goroutines::sync::WaitGroup;
use goroutines::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use tests::panic_text;

/// `TestWaitGroup`: sixteen workers pass one barrier, then the next, eight times over the same pair
/// of groups; nobody may pass the second before the main side says so.
#[test]
fn two_barriers_and_reuse() {
    const WORKERS: usize = 16;
    let (first, second) = (WaitGroup::new(), WaitGroup::new());
    for _ in 0..8 {
        first.add(WORKERS as i64);
        second.add(WORKERS as i64);
        let passed = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (first, second, passed) = (first.clone(), second.clone(), passed.clone());
                std::thread::spawn(move || {
                    first.done();
                    second.wait();
                    passed.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        first.wait();
        for _ in 0..WORKERS {
            assert_eq!(passed.load(Ordering::SeqCst), 0, "passed a raised barrier");
            second.done();
        }
        threads.into_iter().for_each(|t| t.join().unwrap());
        assert_eq!(passed.load(Ordering::SeqCst), WORKERS);
    }
}

/// `TestWaitGroupMisuse`: one `done` too many.
#[test]
fn negative_counter_panics() {
    let wg = WaitGroup::new();
    wg.add(1);
    wg.done();
    assert_eq!(panic_text(|| wg.done()), "sync: negative WaitGroup counter");
}

/// A counter is an `i32`, as Go's.
#[test]
fn counter_out_of_range_panics() {
    let wg = WaitGroup::new();
    assert_eq!(
        panic_text(|| wg.add(1 << 31)),
        "sync: negative WaitGroup counter"
    );
    wg.add(i32::MAX.into());
    wg.add(-i64::from(i32::MAX));
    wg.wait();
}

/// `TestWaitGroupRace`: what was done before `done` is seen after `wait`.
#[test]
fn wait_sees_what_was_done() {
    for _ in 0..200 {
        let wg = WaitGroup::new();
        let n = Arc::new(AtomicUsize::new(0));
        wg.add(1);
        let t = std::thread::spawn({
            let (wg, n) = (wg.clone(), n.clone());
            move || {
                n.store(1, Ordering::Relaxed);
                wg.done();
            }
        });
        wg.wait();
        assert_eq!(n.load(Ordering::Relaxed), 1);
        t.join().unwrap();
    }
}
