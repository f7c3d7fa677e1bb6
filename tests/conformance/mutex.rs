//! After Go's `sync/mutex_test.go`.

use goroutines::sync::{Mutex, RawMutex};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tests::{eventually, gang, spin_for};

/// `TestMutex`: ten at a thousand locks each, with a `try_lock` in between.
#[test]
fn hammer() {
    let m = Mutex::new(0u64);
    {
        let held = m.lock();
        assert!(
            m.try_lock().is_none(),
            "try_lock succeeded with the lock held"
        );
        drop(held);
        assert!(m.try_lock().is_some(), "try_lock failed with the lock free");
    }
    gang(10, |_| {
        for i in 0..1000 {
            if i % 3 == 0 {
                drop(m.try_lock());
            }
            *m.lock() += 1;
        }
    });
    assert_eq!(*m.lock(), 10 * 1000);
}

/// `TestMutexFairness`: somebody who holds the lock nearly all the time cannot keep another out.
#[test]
fn a_hog_cannot_starve_others() {
    let (m, stop) = (Mutex::new(()), AtomicBool::new(false));
    gang(2, |i| {
        if i == 0 {
            while !stop.load(Ordering::Relaxed) {
                let _held = m.lock();
                spin_for(Duration::from_micros(100));
            }
        } else {
            let start = Instant::now();
            for _ in 0..10 {
                drop(m.lock());
            }
            let took = start.elapsed();
            stop.store(true, Ordering::Relaxed);
            assert!(took < Duration::from_secs(60), "ten locks took {took:?}");
        }
    });
}

/// A lock may be unlocked by another goroutine than the one that locked it.
#[test]
fn the_lock_belongs_to_nobody() {
    let m = Mutex::new(1);
    let guard = m.lock();
    std::thread::scope(|s| {
        s.spawn(move || drop(guard));
        *m.lock() += 1;
    });
    assert_eq!(m.into_inner(), 2);
}

/// A panic releases the lock and poisons nothing.
#[test]
fn a_panic_releases_the_lock() {
    let m = Mutex::new(1);
    tests::panic_text(|| {
        let mut held = m.lock();
        *held = 2;
        panic!("with the lock held");
    });
    assert_eq!(*m.lock(), 2);
}

/// Waiters that have to sleep are all woken, one by one.
#[test]
fn sleepers_get_their_turn() {
    let m = RawMutex::new();
    let inside = Mutex::new(0);
    m.lock();
    let holding = AtomicBool::new(true);
    gang(9, |i| {
        if i == 0 {
            // Longer than anybody spins.
            spin_for(Duration::from_millis(2));
            assert_eq!(*inside.lock(), 0, "got in past the holder");
            holding.store(false, Ordering::Relaxed);
            m.unlock();
        } else {
            m.lock();
            assert!(!holding.load(Ordering::Relaxed));
            *inside.lock() += 1;
            m.unlock();
        }
    });
    assert_eq!(*inside.lock(), 8);
    eventually("the lock is free again", || m.try_lock());
}
