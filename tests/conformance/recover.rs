//! `recover` and `defer!`, one inside the other (Go's `recover1`, `issue43942`, `defer_test.go`).

use goroutines::Panic;
use goroutines::prelude::*;
use goroutines::runtime::{Goexit, goexit};

fn text<T>(r: Result<T, Panic>) -> String {
    r.err().map_or("no panic".into(), |p| p.message())
}

/// A deferred body that runs because of a panic may itself recover one: each gets its own.
#[goroutine]
#[test]
fn each_recover_gets_its_own_panic() {
    let mut inner = String::new();
    let outer = recover(|| {
        defer!(inner = text(recover(|| panic!("inner"))));
        defer!(panic!("second"));
        panic!("first");
    });
    assert_eq!(text(outer), "second");
    assert_eq!(inner, "inner");
}

/// The same where the panic comes from a deferred body of the inner function.
#[goroutine]
#[test]
fn a_deferred_panic_inside_a_deferred_body() {
    let mut inner = String::new();
    let outer = recover(|| {
        defer!({
            let result = recover(|| {
                defer!(panic!("inner"));
            });
            inner = text(result);
        });
        panic!("first");
    });
    assert_eq!(text(outer), "first");
    assert_eq!(inner, "inner");
}

/// A deferred body that calls `goexit` while a panic unwinds: the panic is gone, the goroutine ends,
/// and nobody can stop that (`TestGoexitInPanic`).
#[test]
fn goexit_in_a_deferred_body_wins() {
    let h = spawn(|| {
        let _ = recover(|| {
            defer!(goexit());
            panic!("gone");
        });
        unreachable!("recover does not stop goexit");
    });
    assert!(h.join().unwrap_err().is::<Goexit>());
}

/// A panic raised on the way out of `goexit` and recovered does not stop it
/// (`TestRecoveredPanicAfterGoexit`).
#[test]
fn a_recovered_panic_on_the_way_out_changes_nothing() {
    let h = spawn(|| {
        let _ = recover(|| {
            defer!(panic!("recovered"));
            goexit();
        });
        unreachable!("recover does not stop goexit");
    });
    assert!(h.join().unwrap_err().is::<Goexit>());
    // Nobody recovers it: then it is the goroutine's end.
    let h = spawn(|| {
        defer!(panic!("hello"));
        goexit();
    });
    assert_eq!(message(h.join().unwrap_err()), "hello");
}

fn message(payload: impl Into<Panic>) -> String {
    payload.into().message()
}

/// What a deferred body panics with replaces the first panic wherever somebody gets it.
#[goroutine]
#[test]
fn the_later_panic_is_the_one_that_is_told() {
    fn both() {
        defer!(panic!("second"));
        panic!("first");
    }
    assert_eq!(text(recover(both)), "second");
    assert_eq!(message(spawn(both).join().unwrap_err()), "second");
    let joined = scope(|s| s.spawn(both).join());
    assert_eq!(message(joined.unwrap_err()), "second");
    assert_eq!(text(recover(|| scope(|s| s.go(both)))), "second");
    let exiting = || {
        defer!(panic!("second"));
        goexit();
    };
    assert_eq!(text(recover(|| scope(|s| s.go(exiting)))), "second");
}

/// A goroutine that catches many panics in its life keeps nothing of them.
#[goroutine]
#[test]
fn many_panics_in_one_life() {
    let mut held = Vec::new();
    for i in 0..200 {
        let _ = std::panic::catch_unwind(|| panic!("swallowed"));
        let p = recover(|| panic!("{i}")).unwrap_err();
        assert_eq!(p.message(), i.to_string());
        held.push(p);
    }
    held.retain(|p| p.message().len() == 3);
    assert_eq!(held.len(), 100);
}
