//! A bubble's timer that is set to "now" fires before anybody waits for the bubble.

use goroutines::prelude::*;
use goroutines::testing::synctest;
use goroutines::time::{self, HOUR, Ticker, Timer};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

#[goroutine]
#[test]
fn a_reset_to_zero_comes_before_wait_returns() {
    synctest::test(|| {
        let (plain, selecting) = (Timer::new(HOUR), Timer::new(HOUR));
        let never = make!(chan());
        let ran = Arc::new(AtomicUsize::new(0));
        go!([t = plain.c().clone(), ran], {
            t.recv();
            ran.fetch_add(1, SeqCst);
        });
        go!([t = selecting.c().clone(), never, ran], {
            select! { <-t => {}, <-never => {} }
            ran.fetch_add(1, SeqCst);
        });
        synctest::wait();
        let began = time::now();
        assert!(plain.reset(Duration::ZERO));
        synctest::wait();
        assert_eq!(ran.load(SeqCst), 1);
        assert!(selecting.reset(Duration::ZERO));
        synctest::wait();
        assert_eq!(ran.load(SeqCst), 2);
        assert_eq!(time::now(), began);
        // It has fired: nothing is left to stop.
        assert!(!plain.stop());
    });
}

/// With nobody waiting it is due, and still can be stopped.
#[goroutine]
#[test]
fn a_reset_to_zero_that_nobody_waits_for() {
    synctest::test(|| {
        let timer = Timer::new(HOUR);
        timer.reset(Duration::ZERO);
        synctest::wait();
        assert!(timer.stop());
        assert!(timer.c().try_recv().is_err());
        timer.reset(Duration::ZERO);
        assert_eq!(timer.c().recv(), Some(time::now()));
        // A ticker goes on from its next tick.
        let ticker = Ticker::new(HOUR);
        let began = time::now();
        assert_eq!(ticker.c().recv(), Some(began + HOUR));
    });
}
