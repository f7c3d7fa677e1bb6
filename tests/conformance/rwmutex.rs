//! After Go's `sync/rwmutex_test.go`.

use goroutines::sync::{RWMutex, RawRWMutex};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Barrier, mpsc};
use tests::{eventually, gang};

/// `TestParallelReaders`: readers are inside together (or the barrier would never open).
#[test]
fn readers_are_inside_together() {
    for readers in [1, 3, 4] {
        let (m, all_inside) = (RWMutex::new(()), Barrier::new(readers));
        gang(readers, |_| {
            let _reading = m.read();
            all_inside.wait();
        });
    }
}

/// `TestRWMutex`: readers count one, writers ten thousand; nobody sees a forbidden mixture.
#[test]
fn hammer() {
    for (readers, writers) in [(1, 1), (3, 1), (10, 2), (5, 5)] {
        let (m, activity) = (RWMutex::new(0), AtomicI32::new(0));
        gang(readers + writers, |i| {
            for _ in 0..500 {
                if i < readers {
                    let _reading = m.read();
                    let n = activity.fetch_add(1, Ordering::SeqCst) + 1;
                    assert!((1..10_000).contains(&n), "read with {n} inside");
                    activity.fetch_sub(1, Ordering::SeqCst);
                } else {
                    let mut writing = m.write();
                    let n = activity.fetch_add(10_000, Ordering::SeqCst) + 10_000;
                    assert_eq!(n, 10_000, "wrote with others inside");
                    *writing += 1;
                    activity.fetch_sub(10_000, Ordering::SeqCst);
                }
            }
        });
        assert_eq!(m.into_inner(), 500 * writers);
    }
}

/// `TestRWMutex`, the part about `TryLock` and `TryRLock`.
#[test]
fn try_forms() {
    let m = RWMutex::new(1);
    let w = m.write();
    assert!(m.try_write().is_none() && m.try_read().is_none());
    drop(w);
    let r = m.try_read().expect("free");
    assert!(m.try_read().is_some() && m.try_write().is_none());
    drop(r);
    assert!(m.try_write().is_some());
}

/// A waiting writer stops new readers, and when it leaves the readers that waited go before the
/// next writer.
#[test]
fn writers_stop_readers_and_readers_come_before_the_next_writer() {
    let m = RawRWMutex::new();
    let (log, entries) = mpsc::channel();
    m.rlock();
    std::thread::scope(|s| {
        let enter = |name: &'static str, reader: bool| {
            let (m, log) = (&m, log.clone());
            s.spawn(move || {
                if reader {
                    m.rlock();
                    log.send(name).unwrap();
                    m.runlock();
                } else {
                    m.lock();
                    log.send(name).unwrap();
                    m.unlock();
                }
            });
        };
        enter("writer", false);
        eventually("the writer waits", || {
            let in_vain = !m.try_rlock();
            if !in_vain {
                m.runlock();
            }
            in_vain
        });
        for _ in 0..3 {
            enter("reader", true);
        }
        // Counted are the one inside and the three that wait behind the writer.
        eventually("three readers wait", || {
            format!("{m:?}").contains("readers: 4")
        });
        assert!(entries.try_recv().is_err(), "somebody got in");
        enter("second writer", false);
        m.runlock();
    });
    let order: Vec<_> = entries.try_iter().collect();
    assert_eq!(
        order,
        ["writer", "reader", "reader", "reader", "second writer"]
    );
}
