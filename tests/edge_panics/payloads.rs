//! Payloads with destructors and texts of their own.

use goroutines::Panic;
use goroutines::prelude::*;
use std::error::Error;
use std::fmt;
use std::panic::{catch_unwind, panic_any};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// A payload that is replaced is dropped once, whatever its destructor raises.
#[test]
fn a_replaced_payload_is_dropped_once() {
    struct Evil(Arc<AtomicU32>, #[allow(dead_code)] Box<u64>);
    impl Drop for Evil {
        fn drop(&mut self) {
            if self.0.fetch_add(1, SeqCst) == 0 {
                defer!(panic!("third"));
            }
        }
    }
    let drops = Arc::new(AtomicU32::new(0));
    let theirs = drops.clone();
    let ended = spawn(move || {
        defer!(panic!("second"));
        defer!(panic_any(Evil(theirs, Box::new(7))));
        panic!("first");
    })
    .join();
    assert_eq!(drops.load(SeqCst), 1);
    // The newest counts.
    assert_eq!(Panic::from(ended.unwrap_err()).message(), "third");
}

/// A text that panics and recovers forty times, while the panic's records are looked at.
#[test]
fn a_text_may_panic_and_recover() {
    #[derive(Debug)]
    struct Busy(Arc<AtomicU32>);
    impl fmt::Display for Busy {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fetch_add(1, SeqCst);
            let held: Vec<_> = (0..40)
                .map(|_| recover(|| -> () { panic!("inner") }))
                .collect();
            drop(held);
            f.write_str("busy")
        }
    }
    impl Error for Busy {}
    let asked = Arc::new(AtomicU32::new(0));
    let theirs = asked.clone();
    runtime::run(move || {
        let raise = || -> () { panic_any(Box::new(Busy(theirs)) as Box<dyn Error + Send + Sync>) };
        assert_eq!(recover(raise).unwrap_err().message(), "busy");
    });
    assert!(asked.load(SeqCst) >= 1);
}

/// A text that ends its goroutine: it does, as soon as it blocks.
#[test]
fn a_text_that_calls_goexit_is_no_text() {
    #[derive(Debug)]
    struct Exits;
    impl fmt::Display for Exits {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            runtime::goexit()
        }
    }
    impl Error for Exits {}
    runtime::run(|| {
        let ended = spawn(|| {
            let raise = || -> () { panic_any(Box::new(Exits) as Box<dyn Error + Send + Sync>) };
            let _ = recover(raise);
            Chan::<()>::nil().recv();
        });
        assert!(ended.join().unwrap_err().is::<runtime::Goexit>());
    });
}

/// A payload that was swallowed, and is dropped with its goroutine: on its stack, where it may block.
#[goroutine(procs = 1)]
#[test]
fn a_payload_s_destructor_may_block() {
    struct Sends(Sender<()>);
    impl Drop for Sends {
        fn drop(&mut self) {
            self.0.send(());
        }
    }
    let (tx, rx) = chan::channel(0);
    go!([tx], {
        let _ = catch_unwind(std::panic::AssertUnwindSafe(|| {
            defer!(panic_any(Sends(tx)));
            panic!("a");
        }));
    });
    assert_eq!(rx.recv(), Some(()));
}
