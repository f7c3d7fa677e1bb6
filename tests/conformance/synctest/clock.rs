//! The clock, and `wait`.

use goroutines::prelude::*;
use goroutines::testing::synctest;
use goroutines::time::{Duration, HOUR, MILLISECOND, SECOND, SystemTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

const Y2K: Duration = Duration::from_secs(946_684_800);

fn since_1970() -> Duration {
    time::system_now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
}

/// TestNow.
#[test]
fn the_clock_starts_at_2000_and_moves_by_sleeping() {
    synctest::test(|| {
        assert_eq!(since_1970(), Y2K);
        let start = time::now();
        let child = spawn(move || {
            assert_eq!(since_1970(), Y2K);
            assert_eq!(time::now(), start);
        });
        time::sleep(SECOND);
        assert_eq!(since_1970(), Y2K + SECOND);
        assert_eq!(time::since(start), SECOND);
        child.join().unwrap();
    });
    assert!(since_1970() > Y2K + HOUR, "outside it is today");
}

/// Each bubble's clock is its own, and starts alike.
#[test]
fn bubbles_run_side_by_side() {
    let starts: Vec<_> = (0..4u32)
        .map(|i| {
            std::thread::spawn(move || {
                synctest::test(move || {
                    let start = time::now();
                    for _ in 0..100 {
                        time::sleep(i * HOUR + SECOND);
                    }
                    assert_eq!(time::since(start), 100 * (i * HOUR + SECOND));
                    start
                })
            })
        })
        .map(|t| t.join().unwrap())
        .collect();
    assert!(starts.iter().all(|s| *s == starts[0]), "{starts:?}");
}

/// TestRunEmpty, and what Go's Run does not have: a result.
#[test]
fn the_test_returns_what_its_function_returns() {
    assert_eq!(synctest::test(|| 7), 7);
    runtime::run(|| assert_eq!(synctest::test(|| "from a goroutine"), "from a goroutine"));
}

/// TestSimpleWait, TestGoroutineWait.
#[test]
fn wait_returns_when_the_others_have_ended() {
    synctest::test(|| {
        synctest::wait();
        let ran = Arc::new(AtomicBool::new(false));
        go!([ran], { ran.store(true, SeqCst) });
        synctest::wait();
        assert!(ran.load(SeqCst));
    });
}

/// TestWait, TestMallocs.
#[test]
fn wait_follows_chains_of_goroutines() {
    fn link(ch: Chan<u32>, done: Arc<AtomicBool>) {
        let count = ch.recv().unwrap();
        if count == 0 {
            done.store(true, SeqCst);
        } else {
            go!(link(ch.clone(), done));
            ch.send(count - 1);
        }
    }
    for _ in 0..20 {
        synctest::test(|| {
            let done = Arc::new(AtomicBool::new(false));
            let ch = make!(chan u32);
            go!(link(ch.clone(), done.clone()));
            ch.send(100);
            synctest::wait();
            assert!(done.load(SeqCst));
        });
    }
}

/// `wait` sees who is blocked as well as who has ended.
#[test]
fn wait_returns_when_the_others_are_durably_blocked() {
    synctest::test(|| {
        let (tx, rx) = goroutines::chan::channel::<u32>(0);
        let got = Arc::new(AtomicU32::new(0));
        go!([got], {
            for v in rx {
                got.fetch_add(v, SeqCst);
            }
            got.fetch_add(100, SeqCst);
        });
        synctest::wait();
        assert_eq!(got.load(SeqCst), 0);
        tx.send(5);
        synctest::wait();
        assert_eq!(got.load(SeqCst), 5);
        drop(tx);
        synctest::wait();
        assert_eq!(got.load(SeqCst), 105);
    });
}

/// TestHappensBefore.
#[test]
fn what_happened_before_the_wait_is_seen_after_it() {
    use std::cell::UnsafeCell;
    struct Plain(UnsafeCell<[u32; 2]>);
    // SAFETY: that the accesses do not overlap is what is tested.
    unsafe impl Sync for Plain {}
    impl Plain {
        fn bump(&self, i: usize) {
            // SAFETY: as above.
            unsafe { (*self.0.get())[i] += 1 };
        }
    }
    let v = Arc::new(Plain(UnsafeCell::new([0; 2])));
    let inside = v.clone();
    synctest::test(move || {
        let v = inside;
        let both = |f: fn(usize, Arc<Plain>, Receiver<()>), ch: &Chan<()>| {
            for i in 0..2 {
                go!(f(i, v.clone(), ch.receiver()));
            }
            synctest::wait();
            v.bump(0);
            v.bump(1);
        };
        let ch = make!(chan());
        both(|i, v, _| v.bump(i), &ch);
        both(
            |i, v, ch| {
                v.bump(i);
                ch.recv();
            },
            &ch,
        );
        ch.close();
        both(
            |i, v, _| {
                time::after_func(Duration::ZERO, move || v.bump(i));
            },
            &ch,
        );
    });
    // SAFETY: nobody else is left.
    assert_eq!(unsafe { *v.0.get() }, [6, 6]);
}

/// Many goroutines, many moments: nothing is lost, and every moment is right.
#[test]
fn a_busy_bubble() {
    synctest::test(|| {
        let start = time::now();
        let (tx, rx) = goroutines::chan::channel::<Duration>(8);
        for i in 0..200u64 {
            go!([tx], {
                for j in 0..10 {
                    let nap = Duration::from_millis((i * 7 + j) % 50 + 1);
                    let before = time::now();
                    time::sleep(nap);
                    assert_eq!(time::since(before), nap);
                    tx.send(nap);
                }
            });
        }
        drop(tx);
        assert_eq!(rx.iter().count(), 2000);
        assert!(time::since(start) <= 500 * MILLISECOND);
    });
}
