//! `scope`: who waits for whom, and where panics go.

use goroutines::prelude::*;
use goroutines::runtime::{Goexit, goexit};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Dropping a handle does not wait: the two need each other.
#[test]
fn unjoined_goroutines_run_at_the_same_time() {
    let ch = make!(chan i32);
    let mut got = None;
    scope(|s| {
        s.spawn(|| got = ch.recv());
        s.spawn(|| ch.send(1));
    });
    assert_eq!(got, Some(1));
}

#[goroutine]
#[test]
fn a_panic_that_is_not_joined_is_the_callers() {
    let unjoined = recover(|| {
        scope(|s| {
            s.spawn(|| panic!("unjoined"));
        })
    });
    assert_eq!(unjoined.unwrap_err().message(), "unjoined");
    // Also if it had happened when the handle was dropped.
    let late = recover(|| {
        scope(|s| {
            let h = s.spawn(|| panic!("dropped late"));
            while !h.is_finished() {
                runtime::gosched();
            }
        })
    });
    assert_eq!(late.unwrap_err().message(), "dropped late");
    let joined = scope(|s| s.spawn(|| panic!("joined")).join().is_err());
    assert!(joined);
}

/// All are waited for, however `f` ends; and a panic is not lost because `f` calls `goexit`.
#[test]
fn goexit_in_the_scope() {
    let ran = AtomicUsize::new(0);
    let mut panicked = String::new();
    let ended = spawn(|| {
        scope(|s| {
            for _ in 0..10 {
                s.go(|| time::sleep(time::MILLISECOND));
            }
            goexit();
        })
    });
    assert!(ended.join().unwrap_err().is::<Goexit>());
    scope(|s| {
        s.go(|| {
            let result = recover(|| {
                scope(|inner| {
                    inner.go(|| panic!("in a child"));
                    inner.go(|| ran.fetch_add(1, SeqCst));
                    goexit()
                })
            });
            let panic = result.unwrap_err();
            panicked = panic.message();
        });
    });
    assert_eq!((ran.load(SeqCst), panicked.as_str()), (1, "in a child"));
}

/// Goroutines of a scope may start more of them.
#[test]
fn children_of_children() {
    let n = AtomicUsize::new(0);
    scope(|s| {
        for _ in 0..4 {
            s.go(|| {
                for _ in 0..4 {
                    s.go(|| n.fetch_add(1, SeqCst));
                }
            });
        }
    });
    assert_eq!(n.load(SeqCst), 16);
}
