//! After `golang.org/x/sync`: `errgroup`, `semaphore` and `singleflight`.

use goroutines::prelude::*;
use goroutines::sync::{ErrGroup, Mutex, Semaphore, SingleFlight};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tests::{eventually, gang, in_time, panic_text};

/// errgroup `TestZeroGroup`: the first error counts, whatever comes after. (It is handed over, so a
/// second `wait` finds none.)
#[test]
fn the_first_error_is_returned() {
    let (group, ctx) = ErrGroup::with_context(&context::background());
    group.go(|| Ok(()));
    for i in 0..3 {
        let ctx = ctx.clone();
        group.go(move || {
            if i != 1 {
                ctx.done().recv(); // after the first failure
            }
            Err(format!("error {i}").into())
        });
    }
    assert_eq!(group.wait().unwrap_err().to_string(), "error 1");
    assert!(group.wait().is_ok());
}

/// errgroup `TestWithContext`: the context is cancelled by the error, or by `wait`.
#[test]
fn the_context_is_cancelled() {
    for fails in [false, true] {
        let (group, ctx) = ErrGroup::with_context(&context::background());
        group.go(move || if fails { Err("no".into()) } else { Ok(()) });
        group.go(|| Ok(()));
        if fails {
            ctx.done().recv();
        }
        assert_eq!(group.wait().is_err(), fails);
        assert_eq!(ctx.err(), Some(context::ContextError::Canceled));
        let cause = context::cause(&ctx).unwrap().to_string();
        assert_eq!(cause, if fails { "no" } else { "context canceled" });
    }
}

/// errgroup `TestGoLimit`, `TestTryGo`: never more at once than the limit; a full group refuses.
#[test]
fn limited_groups() {
    const LIMIT: usize = 3;
    let group = ErrGroup::new();
    group.set_limit(LIMIT);
    let (active, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..100 {
        let (active, most) = (active.clone(), most.clone());
        group.go(move || {
            let n = active.fetch_add(1, SeqCst) + 1;
            most.fetch_max(n, SeqCst);
            runtime::gosched();
            active.fetch_sub(1, SeqCst);
            Ok(())
        });
    }
    group.wait().unwrap();
    assert!((1..=LIMIT).contains(&most.load(SeqCst)), "{most:?} at once");

    let (tx, gate) = chan::channel::<()>(0);
    for _ in 0..LIMIT {
        let gate = gate.clone();
        assert!(group.try_go(move || {
            gate.recv();
            Ok(())
        }));
    }
    assert!(!group.try_go(|| Ok(())));
    assert_eq!(
        panic_text(|| group.set_limit(1)),
        "errgroup: modify limit while 3 goroutines in the group are still active"
    );
    drop(tx);
    group.wait().unwrap();
    group.set_limit(0);
    assert!(!group.try_go(|| Ok(())));
}

/// semaphore `TestWeighted`: never more taken than there is.
#[test]
fn never_more_than_there_is() {
    const SIZE: usize = 4;
    let (s, used) = (Semaphore::new(SIZE), AtomicUsize::new(0));
    gang(8, |i| {
        let n = i % SIZE + 1;
        for _ in 0..200 {
            s.acquire(&context::background(), n).unwrap();
            assert!(used.fetch_add(n, SeqCst) + n <= SIZE);
            runtime::gosched();
            used.fetch_sub(n, SeqCst);
            s.release(n);
        }
    });
    assert!(s.try_acquire(SIZE));
}

/// semaphore `TestWeightedPanic`, `TestWeightedTryAcquire`.
#[test]
fn try_acquire_and_misuse() {
    let s = Semaphore::new(2);
    assert!(s.try_acquire(1) && !s.try_acquire(2));
    s.release(1);
    assert!(s.try_acquire(2) && !s.try_acquire(1));
    s.release(2);
    assert_eq!(
        panic_text(|| s.release(1)),
        "semaphore: released more than held"
    );
    assert!(s.try_acquire(2), "nothing was changed by the misuse");
}

/// semaphore `TestWeightedAcquire`, `TestWeightedDoesntBlockIfTooBig`, `TestAllocCancelDoesntStarve`:
/// who gives up takes nothing with him, and those behind go on.
#[test]
fn giving_up() {
    let s = Semaphore::new(3);
    let soon = || context::with_timeout(&context::background(), Duration::from_millis(2)).0;
    let expired = Err(context::ContextError::DeadlineExceeded);
    // More than there is at all: waits for the context, and holds nobody up.
    let (tx, asked) = chan::channel(1);
    scope(|scope| {
        let s = &s;
        let (endless, cancel) = context::with_cancel(&context::background());
        scope.go(move || {
            tx.send(());
            assert!(s.acquire(&endless, 4).is_err());
        });
        asked.recv();
        s.acquire(&context::background(), 3).unwrap();
        cancel();
    });
    // Taken: a wait that ends by the context; then what is free can be had.
    assert_eq!(s.acquire(&soon(), 1), expired);
    s.release(3);
    // A large one waits in front of a small one; when it gives up, the small one goes on.
    s.acquire(&context::background(), 2).unwrap();
    scope(|scope| {
        let (big, cancel) = context::with_cancel(&context::background());
        let s = &s;
        scope.go(move || assert!(s.acquire(&big, 3).is_err()));
        eventually("the large one waits", || {
            let free = s.try_acquire(1);
            if free {
                s.release(1);
            }
            !free
        });
        scope.go(move || s.acquire(&context::background(), 1).unwrap());
        cancel();
    });
    s.release(3);
    // A context that is done gets nothing, although there is enough.
    let (ctx, _keep) = context::with_timeout(&context::background(), Duration::ZERO);
    assert_eq!(s.acquire(&ctx, 1), expired);
    assert!(s.try_acquire(3));
}

/// semaphore `TestLargeAcquireDoesntStarve`: small ones that come and go cannot keep a large one out.
#[test]
fn a_large_request_is_not_starved() {
    let n = 4;
    let (s, running) = (Semaphore::new(n), AtomicUsize::new(1));
    gang(n + 1, |i| {
        let ctx = context::background();
        if i == n {
            s.acquire(&ctx, n).unwrap();
            running.store(0, SeqCst);
            s.release(n);
        } else {
            while running.load(SeqCst) != 0 {
                let _permit = s.permit(&ctx, 1).unwrap();
                runtime::gosched();
            }
        }
    });
}

/// singleflight `TestDo`, `TestDoErr`, `TestDoChan`.
#[test]
fn alone_it_is_a_call() {
    let flight = SingleFlight::new();
    assert_eq!(flight.do_("key", || Ok(1)), (Ok(1), false));
    assert_eq!(flight.do_("key", || Err("failed")), (Err("failed"), false));
    assert_eq!(flight.do_chan("key", || Ok(3)).recv(), Some((Ok(3), false)));
}

/// Starts `n` callers of `key` while the first is held up; what they returned.
fn shared_call(
    flight: &SingleFlight<&'static str, usize>,
    n: usize,
    held_up: Duration,
) -> (usize, Vec<(usize, bool)>) {
    let (runs, joined) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new(Vec::new());
    gang(n, |_| {
        joined.fetch_add(1, SeqCst);
        let result = flight.do_("key", || {
            runs.fetch_add(1, SeqCst);
            eventually("all have called", || joined.load(SeqCst) == n);
            // Long enough for the last to get from its counter into `do_`.
            tests::spin_for(held_up);
            7
        });
        results.lock().push(result);
    });
    (runs.into_inner(), results.into_inner())
}

/// singleflight `TestDoDupSuppress`: many call, one runs, all share.
#[test]
fn equal_calls_share_one() {
    // Who stands still between the count and its call begins anew.
    let (runs, results) = in_time(Duration::from_millis(20), |held_up| {
        let called = shared_call(&SingleFlight::new(), 8, held_up);
        (called.0 < 8).then_some(called)
    });
    assert_eq!(results.len(), 8);
    assert!(results.iter().all(|(value, _)| *value == 7));
    let shared = results.iter().filter(|(_, shared)| *shared).count();
    assert!(shared > 8 - runs, "{shared} of 8 shared in {runs} runs");
}

/// singleflight `TestForget`: after `forget` the next caller starts anew while the first still runs.
#[test]
fn forget_starts_anew() {
    let flight = SingleFlight::<&str, i32>::new();
    let (go_on, gate) = chan::channel::<()>(0);
    let (started, has_started) = chan::channel::<()>(0);
    let first = flight.do_chan("key", move || {
        drop(started);
        gate.recv();
        1
    });
    has_started.recv();
    flight.forget(&"key");
    assert_eq!(flight.do_("key", || 2), (2, false));
    drop(go_on);
    assert_eq!(first.recv(), Some((1, false)));
}

/// singleflight `TestPanicDo`: the panic reaches every caller, and later calls start anew.
#[test]
fn a_panic_reaches_all_callers() {
    let flight = SingleFlight::<&str, ()>::new();
    let (joined, panics) = (AtomicUsize::new(0), AtomicUsize::new(0));
    gang(5, |_| {
        let text = panic_text(|| {
            joined.fetch_add(1, SeqCst);
            flight.do_("key", || {
                eventually("all have called", || joined.load(SeqCst) == 5);
                panic!("invalid memory address")
            })
        });
        assert_eq!(text, "invalid memory address");
        panics.fetch_add(1, SeqCst);
    });
    assert_eq!(panics.load(SeqCst), 5);
    assert_eq!(flight.do_("key", || ()), ((), false));
}

/// singleflight `TestGoexitDo`: the end of the goroutine that runs it ends those that wait for it.
#[test]
fn goexit_ends_all_callers() {
    let flight = SingleFlight::<&str, ()>::new();
    let joined = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let (flight, joined) = (flight.clone(), joined.clone());
            spawn(move || {
                joined.fetch_add(1, SeqCst);
                flight.do_("key", || {
                    eventually("all have called", || joined.load(SeqCst) == 3);
                    runtime::goexit()
                })
            })
        })
        .collect();
    for caller in callers {
        assert!(caller.join().unwrap_err().is::<runtime::Goexit>());
    }
}
