//! Tests of what only the inside shows. (Behaviours of Go's own tests are in the conformance tests.)

use super::*;
use crate::chan::{Chan, channel};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn a_ticker_skips_what_it_missed_and_keeps_its_beat() {
    let period = 2 * MILLISECOND;
    let ticker = Ticker::new(period);
    let first = ticker.c().recv().unwrap();
    let asleep = now();
    std::thread::sleep(7 * MILLISECOND);
    let awake = now();
    let old = ticker.c().recv().unwrap();
    assert!(old <= asleep + period, "one tick waited");
    let next = ticker.c().recv().unwrap();
    assert!(next + period > awake, "the missed ones are gone");
    for tick in [old, next] {
        assert_eq!((tick - first).as_nanos() % period.as_nanos(), 0, "no drift");
    }
}

#[test]
fn a_function_is_run_again_after_reset_and_freed_with_the_timer() {
    let (tx, rx) = channel(4);
    let alive = Arc::new(());
    let (kept, mut runs) = (alive.clone(), 0);
    let timer = after_func(MILLISECOND, move || {
        let _kept = &kept;
        runs += 1;
        tx.send(runs);
    });
    assert_eq!(rx.recv(), Some(1));
    assert!(!timer.reset(MILLISECOND));
    assert_eq!(rx.recv(), Some(2));
    timer.reset(HOUR);
    assert!(timer.stop());
    drop(timer);
    // The closure, and with it the sender, went with the timer (the last run may just be ending).
    assert_eq!(rx.recv(), None);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn timers_under_fire_from_all_sides() {
    // Receivers wait, selects come and go, another goroutine resets: every receive is of a due
    // time, and the timer is freed with all references.
    let timer = Arc::new(Timer::new(MILLISECOND));
    let received = AtomicUsize::new(0);
    let stop = Chan::<()>::new(0);
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                loop {
                    crate::select! {
                        due = <-timer.c() => {
                            assert!(due.unwrap() <= now());
                            received.fetch_add(1, SeqCst);
                        },
                        <-stop => return,
                    }
                }
            });
        }
        s.spawn(|| {
            while received.load(SeqCst) < 200 {
                timer.reset(Duration::from_micros(received.load(SeqCst) as u64 % 50));
                std::thread::yield_now();
            }
            stop.close();
        });
    });
}

#[test]
fn a_clone_is_the_same_timer() {
    let timer = Timer::new(HOUR);
    let other = timer.clone();
    assert!(other.reset(MILLISECOND));
    assert!(timer.c().recv().is_some());
    assert!(!other.stop(), "received through the other");
    let ticker = Ticker::new(HOUR);
    ticker.clone().reset(MILLISECOND);
    assert!(ticker.c().recv().is_some());
}
