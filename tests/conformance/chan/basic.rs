//! After `runtime/chan_test.go`: what one channel does.

use super::{at_all_procs, settle};
use goroutines::chan::{TryRecvError, TrySendError};
use goroutines::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// `TestChan`, for one capacity: blocking, the non-blocking forms, close, order, `len` and `cap`.
fn chan(cap: usize) {
    // Receiving from the empty channel blocks, in both forms.
    let c = make!(chan usize, cap);
    let (got, got2) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    go!([c, got], {
        c.recv();
        got.store(true, SeqCst);
    });
    go!([c, got2], {
        assert!(c.recv().is_some());
        got2.store(true, SeqCst);
    });
    settle();
    assert!(
        !got.load(SeqCst) && !got2.load(SeqCst),
        "cap {cap}: received from nothing"
    );
    let missed = select! { _ = <-c => false, default => true };
    assert!(missed);
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
    c.send(0);
    c.send(0);

    // Sending to the full channel blocks.
    let c = make!(chan usize, cap);
    (0..cap).for_each(|i| c.send(i));
    let sent = Arc::new(AtomicUsize::new(0));
    go!([c, sent], {
        c.send(cap);
        sent.store(1, SeqCst);
    });
    settle();
    assert_eq!(sent.load(SeqCst), 0, "cap {cap}: sent to the full");
    let missed = select! { c <- 0 => false, default => true };
    assert!(missed);
    assert_eq!(c.try_send(0), Err(TrySendError::Full(0)));
    c.recv();

    // After close: what is in it, in order, then `None` in every form.
    let c = make!(chan usize, cap);
    (0..cap).for_each(|i| c.send(i));
    assert_eq!((c.len(), c.cap()), (cap, cap));
    c.close();
    for i in 0..cap {
        assert_eq!(c.len(), cap - i);
        assert_eq!(c.recv(), Some(i));
    }
    assert_eq!(c.recv(), None);
    assert_eq!(c.try_recv(), Err(TryRecvError::Closed));
    let none = select! { v = <-c => v, default => Some(1) };
    assert_eq!(none, None);

    // A close unblocks who waits already.
    let c = make!(chan usize, cap);
    let done = make!(chan bool);
    go!([c, done], { done.send(c.recv().is_none()) });
    settle();
    c.close();
    assert_eq!(done.recv(), Some(true));

    // 100 values keep their order, sent one by one and received in both forms.
    let c = make!(chan usize, cap);
    go!([c], {
        for i in 0..100 {
            c.send(i);
        }
    });
    for i in 0..100 {
        assert_eq!(c.recv(), Some(i));
    }
    // 1000 values by 4 senders to 4 receivers: each once.
    let c = make!(chan usize, cap);
    let results = make!(chan Vec<usize>);
    for s in 0..4 {
        go!([c], {
            for i in 0..250 {
                c.send(s * 250 + i);
            }
        });
        go!([c, results], {
            results.send((0..250).map(|_| c.recv().unwrap()).collect());
        });
    }
    let mut seen = [0; 1000];
    for _ in 0..4 {
        for v in results.recv().unwrap() {
            seen[v] += 1;
        }
    }
    assert!(seen.iter().all(|&n| n == 1));
    assert!(c.is_empty());
}

/// `TestChan`.
#[test]
fn chan_of_every_capacity() {
    at_all_procs(|| {
        for cap in [0, 1, 2, 3, 10, 50, 100, 199] {
            chan(cap);
        }
    });
}

/// `TestMultiConsumer`: 23 workers on one queue, no value lost or doubled.
#[test]
fn multi_consumer() {
    at_all_procs(|| {
        const WORKERS: usize = 23;
        const ITEMS: usize = 1000;
        const PRIMES: [usize; 6] = [2, 3, 7, 31, 61, 127];
        let q = make!(chan usize, WORKERS * 3);
        let r = make!(chan usize, WORKERS * 3);
        let wg = WaitGroup::new();
        for _ in 0..WORKERS {
            wg.add(1);
            go!([wg, q = q.receiver(), r = r.sender()], {
                for v in &q {
                    // Uneven work, so that the workers overtake one another.
                    if PRIMES[v % PRIMES.len()] == 2 {
                        runtime::gosched();
                    }
                    r.send(v);
                }
                wg.done();
            });
        }
        let expected: usize = (0..ITEMS).map(|i| PRIMES[i % PRIMES.len()]).sum();
        go!([q = q.sender(), r = r.sender(), wg], {
            for i in 0..ITEMS {
                q.send(PRIMES[i % PRIMES.len()]);
            }
            q.close();
            wg.wait();
            r.close();
        });
        let (mut n, mut sum) = (0, 0);
        for v in &r {
            n += 1;
            sum += v;
        }
        assert_eq!((n, sum), (ITEMS, expected));
    });
}

/// `test/chancap.go`: `len` and `cap` of synchronous, buffered and nil channels, impossible sizes.
#[test]
fn len_and_cap() {
    at_all_procs(|| {
        let c = make!(chan i32);
        assert_eq!((c.len(), c.cap()), (0, 0));
        let c = make!(chan i32, 10);
        assert_eq!((c.len(), c.cap()), (0, 10));
        for i in 0..3 {
            c.send(i);
        }
        assert_eq!((c.len(), c.cap()), (3, 10));
        let nil = Chan::<i32>::nil();
        assert_eq!((nil.len(), nil.cap()), (0, 0));
        for size in [usize::MAX, usize::MAX / 2, 1 << 62, 1 << 50] {
            let made = recover(|| Chan::<i64>::new(size));
            assert_eq!(made.unwrap_err().message(), "makechan: size out of range");
        }
    });
}

/// `test/chan/zerosize.go`, and what it implies for the order of synchronisation.
#[test]
fn zero_sized_elements() {
    at_all_procs(|| {
        let c = make!(chan());
        let done = make!(chan [u8; 0], 1);
        go!([c, done], {
            for _ in 0..100 {
                c.send(());
            }
            done.send([]);
        });
        for _ in 0..100 {
            assert_eq!(c.recv(), Some(()));
        }
        assert_eq!(done.recv(), Some([]));
    });
}

/// `test/chan/fifo.go`: values keep their order through a buffer and without one, and goroutines that
/// wait on one channel are served in the order in which they came.
#[test]
fn fifo() {
    at_all_procs(|| {
        for cap in [0, 10] {
            let c = make!(chan usize, cap);
            go!([c], {
                for i in 0..10 {
                    c.send(i);
                }
            });
            assert!((0..10).all(|i| c.recv() == Some(i)));
        }
        // A chain in which each link waits for the one before, started in order.
        let mut input = make!(chan usize, 1);
        let start = input.clone();
        for i in 0..10 {
            let out = make!(chan usize, 1);
            go!([input, out], {
                assert_eq!(input.recv(), Some(i));
                out.send(i + 1);
            });
            input = out;
        }
        start.send(0);
        assert_eq!(input.recv(), Some(10));
    });
}

/// A receiver that parks first is served first; the same for senders. (Part of what `fifo.go` relies
/// on; on one P the order of parking is the order of starting.)
#[test]
fn waiters_are_served_in_order() {
    super::at_procs(&[1], || {
        let c = make!(chan usize);
        let order = make!(chan(usize, usize), 5);
        for i in 0..5 {
            go!([c, order], { order.send((i, c.recv().unwrap())) });
            settle();
        }
        for v in 10..15 {
            c.send(v);
        }
        let mut got: Vec<_> = order.iter().take(5).collect();
        got.sort_unstable();
        assert_eq!(got, (0..5).map(|i| (i, 10 + i)).collect::<Vec<_>>());
        for i in 0..5 {
            go!([c], c.send(i));
            settle();
        }
        assert!((0..5).all(|i| c.recv() == Some(i)));
    });
}

/// A close readies its waiters from a stack, and each becomes the next to run: six receivers at one P
/// run 0 5 4 3 2 1.
#[test]
fn order_after_close() {
    super::at_procs(&[1], || {
        // One that is preempted just then comes later: it must hold once.
        tests::eventually("the order of a stack", || {
            let c = make!(chan());
            let order = make!(chan usize, 6);
            for i in 0..6 {
                go!([c, order], {
                    c.recv();
                    order.send(i);
                });
                settle();
            }
            c.close();
            order.iter().take(6).eq([0, 5, 4, 3, 2, 1])
        });
    });
}

/// `test/chan/nonblock.go`: the non-blocking forms on four element types, unbuffered and with one
/// slot: they fail while nobody is there, and succeed soon after somebody is.
#[test]
fn nonblocking_forms() {
    fn one<T: Clone + PartialEq + std::fmt::Debug + Send + 'static>(value: T, cap: usize) {
        let c = make!(chan T, cap);
        let done = make!(chan bool);
        assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
        go!([c, done, value], {
            assert_eq!(c.recv(), Some(value));
            done.send(true);
        });
        // With a slot the first send succeeds at once, without one when the receiver waits.
        tests::eventually("somebody comes", || {
            let sent = c.try_send(value.clone()).is_ok();
            assert!(sent || cap == 0, "there is room");
            sent
        });
        done.recv();
        go!([c, value], c.send(value));
        let got = loop {
            select! {
                v = <-c => break v,
                default => runtime::gosched(),
            }
        };
        assert_eq!(got, Some(value));
    }
    at_all_procs(|| {
        for cap in [0, 1] {
            one(123_i32, cap);
            one(true, cap);
            one("hello".to_string(), cap);
            one([1_u64; 32], cap);
        }
    });
}

/// `test/fixedbugs/issue13169.go`, without its garbage collector: big values from ten senders that
/// stand deep in their stacks.
#[test]
fn big_values_from_deep_stacks() {
    #[goroutine]
    fn deep(n: usize, then: &dyn Fn()) -> usize {
        let pad = std::hint::black_box([n; 64]);
        if n == 0 {
            then();
            return 0;
        }
        deep(n - 1, then) + pad[1] - n + 1
    }
    at_all_procs(|| {
        const EACH: usize = 2000;
        let c = make!(chan [usize; 16], 1);
        for s in 0..10 {
            go!([c], {
                deep(50, &|| {
                    for i in 0..EACH {
                        c.send([s * EACH + i; 16]);
                    }
                });
            });
        }
        let mut seen = vec![false; 10 * EACH];
        for _ in 0..10 * EACH {
            let v = c.recv().unwrap();
            assert!(v.iter().all(|x| *x == v[0]), "torn: {v:?}");
            assert!(!std::mem::replace(&mut seen[v[0]], true), "twice: {}", v[0]);
        }
    });
}

/// A channel's values, waiters' values included, are dropped once each, whatever becomes of them.
#[test]
fn no_value_is_lost_or_doubled() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    at_all_procs(|| {
        let alive = Arc::new(AtomicUsize::new(0));
        let value = || {
            alive.fetch_add(1, SeqCst);
            Counted(alive.clone())
        };
        let wg = WaitGroup::new();
        for round in 0..200 {
            let c = make!(chan Counted, round % 3);
            for i in 0..4 {
                wg.add(1);
                go!([wg, tx = c.sender(), v = value()], {
                    // The sender may be blocked by the close, or be abandoned.
                    let _ = recover(|| match i {
                        0 => drop(tx.checked_send(v)),
                        1 => drop(tx.try_send(v)),
                        2 => drop(tx.send_timeout(v, time::MICROSECOND)),
                        _ => select! { tx <- v => {}, default => {} },
                    });
                    wg.done();
                });
            }
            wg.add(1);
            go!([wg, rx = c.receiver()], {
                for _ in 0..round % 4 {
                    let _ = rx.recv_timeout(time::MICROSECOND);
                }
                wg.done();
            });
            if round % 2 == 0 {
                let _ = recover(|| c.close());
            }
            drop(c);
            wg.wait();
        }
        // The last handles go with their goroutines, after `done`.
        tests::eventually("all values are dropped", || alive.load(SeqCst) == 0);
    });
}

/// A goroutine that would block inside a `NoSuspend` scope panics before it has touched anything
/// (in debug builds); what needs no waiting works. (Beyond Go.)
#[test]
#[cfg(debug_assertions)]
fn blocking_inside_no_suspend() {
    at_all_procs(|| {
        let c = make!(chan i32, 1);
        let scope = runtime::NoSuspend::new();
        c.send(1);
        let operations: [&dyn Fn(); 4] = [
            &|| c.send(2),
            &|| select! { c <- 2 => {} },
            &|| {
                let _ = c.send_timeout(2, time::HOUR);
            },
            &|| {
                Chan::<i32>::nil().recv();
            },
        ];
        for operation in operations {
            let panic = recover(operation).unwrap_err();
            assert_eq!(panic.message(), "suspended inside a NoSuspend scope");
        }
        assert_eq!(c.recv(), Some(1));
        drop(scope);
        go!([c], c.send(3));
        assert_eq!(c.recv(), Some(3));
    });
}

/// A goroutine that has begun to end and swallows the unwind is unwound again when it would block.
/// (Beyond Go, where `Goexit` cannot be caught.)
#[test]
fn blocking_while_ending() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    at_all_procs(|| {
        let c = make!(chan i32);
        let seen = make!(chan &'static str, 9);
        go!([c, seen], {
            defer!(seen.close());
            let swallow = |f: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
            swallow(&|| runtime::goexit());
            swallow(&|| {
                c.recv();
            });
            swallow(&|| c.send(1));
            swallow(&|| select! { <-c => {}, c <- 1 => {} });
            seen.send("no wait");
            c.recv();
            seen.send("after");
        });
        assert_eq!(seen.iter().collect::<Vec<_>>(), ["no wait"]);
        assert!(
            c.try_recv().is_err() && c.try_send(1).is_err(),
            "somebody waits"
        );
    });
}
