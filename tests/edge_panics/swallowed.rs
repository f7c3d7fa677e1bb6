//! What `defer!` keeps for an unwind does not outlive it, when others than `recover` end it.

use goroutines::Panic;
use goroutines::prelude::*;
use std::panic::catch_unwind;

fn swallow() {
    let _ = catch_unwind(|| {
        defer!(panic!("b"));
        panic!("a");
    });
}

fn text<T>(r: Result<T, Panic>) -> String {
    r.err().map_or("no panic".into(), |p| p.message())
}

#[test]
fn the_next_recover_gets_its_own_panic() {
    runtime::run(|| {
        swallow();
        assert_eq!(text(recover(|| -> () { panic!("c") })), "c");
        // The same text as the one that was swallowed.
        swallow();
        assert_eq!(text(recover(|| -> () { panic!("a") })), "a");
    });
}

#[test]
fn so_does_one_around_it() {
    runtime::run(|| {
        let caught = recover(|| -> () {
            swallow();
            panic!("a");
        });
        assert_eq!(text(caught), "a");
        assert!(recover(swallow).is_ok());
        // In a body that runs because of another panic.
        let caught = recover(|| -> () {
            defer!(assert!(recover(swallow).is_ok()));
            panic!("outer");
        });
        assert_eq!(text(caught), "outer");
    });
}

#[test]
fn a_replacement_with_the_same_text_still_replaces() {
    runtime::run(|| {
        let caught = recover(|| -> () {
            defer!(std::panic::panic_any(7));
            panic!("7");
        });
        assert_eq!(caught.unwrap_err().downcast::<i32>().ok(), Some(7));
    });
}

#[test]
fn a_body_s_own_replacement_is_the_one_that_leaves_it() {
    runtime::run(|| {
        let caught = recover(|| -> () {
            defer!({
                defer!(panic!("third"));
                panic!("second");
            });
            panic!("first");
        });
        assert_eq!(text(caught), "third");
    });
}

/// The goroutine is ending, which only shows when it blocks.
#[test]
fn a_swallowed_goexit_is_not_the_next_panic() {
    let ended = spawn(|| {
        let _ = catch_unwind(|| {
            defer!(runtime::goexit());
            panic!("a");
        });
        assert_eq!(text(recover(|| -> () { panic!("d") })), "d");
        Chan::<()>::nil().recv();
    });
    assert!(ended.join().unwrap_err().is::<runtime::Goexit>());
}
