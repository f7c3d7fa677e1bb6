//! After Go's `sync/pool_test.go`. A garbage collection is a `sweep` here.

use goroutines::sync::Pool;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tests::gang;

/// `TestPool`: what was put comes back, survives one collection but not two. (On a plain thread,
/// which always uses the same shard, as Go's test pins its goroutine.)
#[test]
fn what_was_put_comes_back() {
    let p = Pool::new(|| "new");
    assert_eq!(p.get(), "new");
    p.put("a");
    p.put("b");
    assert_eq!((p.get(), p.get(), p.get()), ("a", "b", "new"));
    for _ in 0..100 {
        p.put("c");
    }
    p.sweep();
    for _ in 0..100 {
        assert_eq!(p.get(), "c");
    }
    assert_eq!(p.get(), "new");
    p.put("d");
    p.sweep();
    p.sweep();
    assert_eq!(p.get(), "new");
}

/// `TestPoolStress`: nothing is handed to two at a time.
#[test]
fn nobody_shares() {
    let p = Pool::new(|| Arc::new(AtomicUsize::new(0)));
    gang(8, |_| {
        for round in 0..2000 {
            let things: Vec<_> = (0..round % 5).map(|_| p.get()).collect();
            for thing in &things {
                assert_eq!(thing.swap(1, SeqCst), 0, "in use by another");
            }
            for thing in things {
                thing.store(0, SeqCst);
                p.put(thing);
            }
            if round % 500 == 0 {
                p.sweep();
            }
        }
    });
}

/// `TestPoolGC`, `TestPoolRelease`: a swept pool drops what it held, and a dropped one too; nothing
/// is lost.
#[test]
fn everything_is_dropped() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let p = Pool::new(|| Counted(drops.clone()));
    const N: usize = 1000;
    gang(4, |_| {
        for _ in 0..N {
            p.put(Counted(drops.clone()));
        }
    });
    assert_eq!(drops.load(SeqCst), 0);
    p.sweep();
    assert_eq!(drops.load(SeqCst), 0);
    p.sweep();
    assert_eq!(drops.load(SeqCst), 4 * N);
    p.put(Counted(drops.clone()));
    drop(p);
    assert_eq!(drops.load(SeqCst), 4 * N + 1);
}

/// `TestPoolChan` in spirit: what one P put, another gets rather than a new one.
#[test]
fn others_are_stolen_from() {
    let p = Pool::new(|| 0);
    let there = std::sync::Barrier::new(2);
    gang(2, |i| {
        if i == 0 {
            // The first stays at hand; the second can be had by others.
            p.put(7);
            p.put(7);
        }
        there.wait();
        if i == 1 {
            assert_eq!(p.get(), 7);
        }
    });
}
