//! The bridge to `async`: what Go has no counterpart for.

mod foreign;
mod on_tokio;

use goroutines::{block_on, runtime, spawn};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// A future that somebody else completes.
#[derive(Clone, Default)]
struct Signal(Arc<Mutex<(bool, Option<Waker>)>>);

impl Signal {
    fn fire(&self) {
        let mut state = self.0.lock().unwrap();
        state.0 = true;
        if let Some(w) = state.1.take() {
            w.wake();
        }
    }
}

impl Future for Signal {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(());
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// Woken by a thread, a thousand times, before and after the goroutine has parked.
#[test]
fn no_wake_up_is_lost() {
    let test = || {
        for i in 0..1000 {
            let signal = Signal::default();
            let firing = thread::spawn({
                let signal = signal.clone();
                move || {
                    if i % 3 == 0 {
                        thread::sleep(Duration::from_micros(50));
                    }
                    signal.fire();
                }
            });
            block_on(signal);
            firing.join().unwrap();
        }
    };
    test();
    runtime::run(test);
}

/// Wakers kept from older polls and older waits wake nobody, whoever calls them.
#[test]
fn old_wakers_do_nothing() {
    runtime::run(|| {
        let mut old: Vec<Waker> = Vec::new();
        for _ in 0..100 {
            let mut polls = 0;
            block_on(poll_fn(|cx| {
                polls += 1;
                old.push(cx.waker().clone());
                if polls == 3 {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            }));
            assert_eq!(polls, 3, "an old waker caused a poll");
            old.iter().for_each(Waker::wake_by_ref);
        }
        let signal = Signal::default();
        let waiting = spawn({
            let signal = signal.clone();
            move || {
                let mut polls = 0;
                let mut signal = signal;
                block_on(poll_fn(|cx| {
                    polls += 1;
                    Pin::new(&mut signal).poll(cx)
                }));
                polls
            }
        });
        for w in old {
            w.wake();
        }
        signal.fire();
        assert!(waiting.join().unwrap() <= 2);
    });
}

/// A future may block in its `poll`, even on another future: nothing is lost.
#[test]
fn a_future_may_block() {
    runtime::run(|| {
        let (outer, inner) = (Signal::default(), Signal::default());
        let firing = spawn({
            let (outer, inner) = (outer.clone(), inner.clone());
            move || {
                // While the outer future is inside its poll.
                outer.fire();
                thread::sleep(Duration::from_millis(5));
                inner.fire();
            }
        });
        let mut outer = outer;
        block_on(poll_fn(|cx| {
            let state = Pin::new(&mut outer).poll(cx);
            block_on(inner.clone());
            state
        }));
        firing.join().unwrap();
    });
}

/// A panic in a future is the caller's panic.
#[test]
fn a_panic_passes_through() {
    let handle = spawn(|| block_on(async { panic!("inside") }));
    let payload = handle.join().unwrap_err();
    assert_eq!(payload.message(), "inside");
}
