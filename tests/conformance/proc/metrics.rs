//! The scheduler's figures.

use super::{alone, spin_while};
use goroutines::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::at_procs;

/// `TestReadMetricsSched`: goroutines by state, made, and threads.
#[test]
fn goroutines_by_state() {
    at_procs(&[4], || {
        alone();
        let before = runtime::metrics();
        assert_eq!(before.gomaxprocs, 4);
        assert_eq!(before.goroutines, 1);
        assert_eq!(before.running, 1);
        let c = make!(chan());
        let stop = Arc::new(AtomicBool::new(false));
        let wg = WaitGroup::new();
        for _ in 0..10 {
            let rx = c.receiver();
            wg.go(move || rx.recv());
        }
        // One in a bracketed call, one that runs.
        let (release, held) = std::sync::mpsc::channel::<()>();
        wg.go(move || runtime::blocking(|| held.recv()).unwrap_err());
        let go_on = stop.clone();
        wg.go(move || spin_while(|| !go_on.load(Ordering::Relaxed)));
        tests::eventually("they are in their states", || {
            runtime::gosched();
            let m = runtime::metrics();
            (m.goroutines, m.waiting, m.not_in_go, m.running) == (13, 10, 1, 2)
        });
        let now = runtime::metrics();
        assert_eq!(now.goroutines_created - before.goroutines_created, 12);
        // The bracket, the loop, this one, and sysmon.
        assert!(now.threads >= 4 && now.threads <= 10_000);
        c.close();
        stop.store(true, Ordering::Relaxed);
        drop(release);
        wg.wait();
        alone();
    });
}

/// Runnable ones are those that wait for a P.
#[test]
fn runnable_goroutines() {
    at_procs(&[1], || {
        alone();
        let handles: Vec<_> = (0..20).map(|i| spawn(move || i)).collect();
        let m = runtime::metrics();
        // Unless the P was taken from us just now, none of them has run.
        assert!(m.runnable <= 20 && m.goroutines <= 21);
        assert_eq!(m.runnable + m.running + m.waiting, m.goroutines);
        for (i, h) in handles.into_iter().enumerate() {
            assert_eq!(h.join().unwrap(), i);
        }
    });
}
