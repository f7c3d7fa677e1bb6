//! After Go's `sync/oncefunc_test.go`.

use goroutines::sync::{OnceValue, once_func, once_value};
use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use tests::{gang, panic_text};

fn counter() -> (Arc<AtomicU32>, Arc<AtomicU32>) {
    let n = Arc::new(AtomicU32::new(0));
    (n.clone(), n)
}

/// `TestOnceFunc`: nothing runs before the first call, and then once.
#[test]
fn func_runs_once() {
    let (n, calls) = counter();
    let f = once_func(move || _ = n.fetch_add(1, Relaxed));
    assert_eq!(calls.load(Relaxed), 0);
    gang(10, |_| {
        f();
        assert_eq!(calls.load(Relaxed), 1);
    });
}

/// `TestOnceValue`: everybody gets the one value.
#[test]
fn value_is_computed_once() {
    let (n, calls) = counter();
    let f = once_value(move || n.fetch_add(1, Relaxed) + 1);
    gang(10, |_| assert_eq!(f(), 1));
    assert_eq!(calls.load(Relaxed), 1);
}

/// `TestOnceFuncPanic`: every call panics with the same text, and the function ran once.
#[test]
fn every_call_repeats_the_panic() {
    let (n, calls) = counter();
    let f = once_func(move || {
        n.fetch_add(1, Relaxed);
        panic!("x{}", 1)
    });
    for _ in 0..3 {
        assert_eq!(panic_text(&f), "x1");
    }
    let literal = once_value(|| -> u32 { panic!("literal") });
    assert_eq!(panic_text(&literal), "literal");
    assert_eq!(panic_text(&literal), "literal");
    assert_eq!(calls.load(Relaxed), 1);
}

/// A value that is not a text goes to the first caller; later ones get what is known of it.
#[test]
fn a_panic_with_another_value() {
    let f = once_func(|| panic_any(7_u8));
    let first = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&f)).unwrap_err();
    assert_eq!(first.downcast_ref(), Some(&7_u8));
    assert_eq!(panic_text(&f), "7");
}

/// `TestOnceFuncGC`: what the function holds is dropped once it has run, or with the last handle.
#[test]
fn captures_are_dropped() {
    let held = Arc::new(());
    let f = once_func({
        let held = held.clone();
        move || drop(held)
    });
    assert_eq!(Arc::strong_count(&held), 2);
    f();
    assert_eq!(Arc::strong_count(&held), 1);
    let never_called = once_func({
        let held = held.clone();
        move || drop(held)
    });
    drop((never_called.clone(), never_called));
    assert_eq!(Arc::strong_count(&held), 1);
}

/// A `static` value, borrowed by everybody.
#[test]
fn static_value() {
    static SQUARES: OnceValue<Vec<u32>> = OnceValue::new(|| (0..4).map(|n| n * n).collect());
    gang(4, |i| assert_eq!(SQUARES[i], (i * i) as u32));
    assert!(std::ptr::eq(SQUARES.get(), SQUARES.get()));
}
