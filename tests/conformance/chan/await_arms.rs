//! `select!` with arms that wait for futures.

use goroutines::prelude::*;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tests::at_all_procs;

/// A future that somebody else completes.
#[derive(Clone, Default)]
struct Signal(Arc<Mutex<(bool, Option<Waker>)>>);

impl Signal {
    fn fire(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Future for Signal {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(7);
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[goroutine]
#[test]
fn all_forms() {
    let (values, full) = (make!(chan u32), make!(chan u32, 1));
    full.send(0);
    // A name, a type, a tuple, a refutable pattern, nothing.
    let n = select! {
        v = <-values => v.unwrap(),
        full <- 1 => 0,
        v = await ready(1) => v,
    };
    assert_eq!(n, 1);
    let n = select! {
        v: u64 = await ready(2) => v,
        _ = await pending::<()>() => 0,
    };
    assert_eq!(n, 2);
    let (a, b) = select! { (a, b) = await ready((1, "b")) => (a, b) };
    assert_eq!((a, b), (1, "b"));
    let n = select! { Ok(n) = await spawn(|| 3) else unreachable!() => n };
    assert_eq!(n, 3);
    let n = loop {
        select! {
            None::<u32> = await ready(Some(1)) else break 4 => {}
            <-values => {}
        }
    };
    assert_eq!(n, 4);
    let n = select! {
        await pending::<()>() => 0,
        <-values => 0,
        default => 5,
    };
    assert_eq!(n, 5);
    let n = select! {
        await ready(()) => 6,
        default => 0,
    };
    assert_eq!(n, 6);
    let n = select! { biased; await ready(()) => 7, _ = <-full => 0 };
    assert_eq!(n, 7);
    let n = select! { biased; v = <-full => v.unwrap() + 8, await ready(()) => 0 };
    assert_eq!(n, 8);
}

/// Each of the ready arms is chosen about as often as the others.
#[goroutine]
#[test]
fn ready_arms_are_equally_likely() {
    let ch = make!(chan u32, 1);
    let mut chosen = [0; 4];
    for _ in 0..4_000 {
        ch.try_send(0).ok();
        let arm = select! {
            <-ch => 0,
            await ready(()) => 1,
            await ready(()) => 2,
            await pending::<()>() => 3,
        };
        chosen[arm] += 1;
    }
    assert_eq!(chosen[3], 0);
    // The chance of an arm to be outside is 1 in 10^30.
    assert!(
        chosen[..3].iter().all(|&n| (1_000..1_700).contains(&n)),
        "{chosen:?}"
    );
}

/// A thousand times, woken before, while and after the goroutine parks; the other arm comes at times.
#[test]
fn no_wake_up_is_lost() {
    at_all_procs(|| {
        for i in 0..1_000 {
            let (signal, other) = (Signal::default(), make!(chan u32));
            let fires = signal.clone();
            go!(move || {
                if i % 3 == 0 {
                    runtime::gosched();
                }
                fires.fire();
            });
            if i % 2 == 0 {
                go!([tx = other.sender()], move || tx.checked_send(8));
            }
            let mut signal = pin!(signal);
            let mut seen = 0;
            while seen != 7 {
                seen = select! {
                    n = await &mut signal => n,
                    n = <-other => n.unwrap(),
                };
                assert!(seen == 7 || i % 2 == 0);
            }
        }
    });
}

/// Also on a plain thread, and woken by one.
#[test]
fn on_plain_threads() {
    for _ in 0..200 {
        let (signal, other) = (Signal::default(), make!(chan u32));
        let fires = signal.clone();
        let thread = std::thread::spawn(move || fires.fire());
        let n = select! {
            n = await signal => n,
            n = <-other => n.unwrap(),
        };
        assert_eq!(n, 7);
        thread.join().unwrap();
    }
}

/// Not chosen, a future is gone before the body runs; by `&mut` it stays.
#[goroutine]
#[test]
fn what_is_not_chosen_is_dropped_first() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let counted = || {
        let counted = Counted(drops.clone());
        async move {
            let _counted = counted;
            pending::<()>().await;
        }
    };
    let ch = make!(chan u32, 1);
    ch.send(1);
    let mut kept = pin!(counted());
    select! {
        await counted() => {}
        await &mut kept => {}
        <-ch => assert_eq!(drops.load(SeqCst), 1),
    }
    assert_eq!(drops.load(SeqCst), 1);
}

/// A future may do all that a goroutine may, and is told of its own wake-up only.
#[goroutine]
#[test]
fn a_future_that_blocks_and_wakes_itself() {
    let (inner, outer) = (make!(chan u32), make!(chan u32));
    go!([tx = inner.sender()], move || tx.send(4));
    let mut polls = 0;
    let busy = poll_fn(|cx| {
        polls += 1;
        if polls == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(inner.recv())
    });
    let n = select! {
        n = await busy => n,
        n = <-outer => n,
    };
    assert_eq!((n, polls), (Some(4), 2));
}

/// Our own asynchronous ends as arms, against those that block.
#[test]
fn asynchronous_ends_as_arms() {
    at_all_procs(|| {
        let (a, b) = (make!(chan u64, 1), make!(chan u64));
        for ch in [&a, &b] {
            go!([tx = ch.sender()], move || (0..1_000)
                .for_each(|i| tx.send(i)));
        }
        let mut sum = 0;
        for _ in 0..2_000 {
            sum += select! {
                v = await a.recv_async() => v.unwrap(),
                v = <-b => v.unwrap(),
            };
        }
        assert_eq!(sum, 999_000);
    });
}
