//! `GODEBUG=threadcheck=1` tells of what is bound to a thread where a goroutine may leave it.

use crate::{Ended, prog_with};

fn check(name: &str) -> Ended {
    let ended = prog_with(name, &[("GODEBUG", "threadcheck=1")]);
    assert_eq!(
        (ended.code, &*ended.out),
        (Some(0), "main returned\n"),
        "{ended:#?}"
    );
    ended
}

/// One report, which names the function that holds it and where.
#[track_caller]
fn tells(name: &str, what: &str, holder: &str) {
    let ended = check(name);
    let reports = ended.err.matches("goroutines: threadcheck: ").count();
    assert_eq!(reports, 1, "{ended:#?}");
    ended.says(what).says(holder).says("held.rs:");
}

#[test]
fn a_borrow_of_a_thread_local() {
    let what = "a thread-local variable (prog::held::NAMES) is borrowed by a goroutine";
    tells("holds_a_borrow", what, "borrows_and_waits");
}

#[test]
fn what_a_thread_local_owns() {
    let what = "what a thread-local variable owns (prog::held::GENERATOR)";
    tells("holds_an_rc", what, "draws_and_waits");
}

#[test]
fn a_context_of_tokios() {
    let ended = check("holds_a_context");
    ended
        .says("a context of tokio's is entered")
        .says("enters_and_waits");
}

#[test]
fn the_lock_of_standard_output() {
    let ended = prog_with("holds_stdout", &[("GODEBUG", "threadcheck=1")]);
    let reports = ended.err.matches("goroutines: threadcheck: ").count();
    assert_eq!((ended.code, reports), (Some(0), 1), "{ended:#?}");
    ended
        .says("the lock of standard output or error is held")
        .says("locks_and_waits");
}

#[test]
fn a_pinned_epoch() {
    tells(
        "holds_an_epoch",
        "an epoch of crossbeam's is pinned",
        "pins_and_waits",
    );
}

#[test]
fn nothing_where_nothing_moves() {
    let ended = check("holds_nothing");
    assert_eq!(ended.err, "");
}

/// With 2, also of an address that is only left over there.
#[test]
fn addresses_alone_if_asked_for() {
    let ended = prog_with("holds_an_rc", &[("GODEBUG", "threadcheck=2")]);
    ended
        .says("the address of a thread-local variable (prog::held::GENERATOR")
        .says("what a thread-local variable owns");
}

/// It is asked for.
#[test]
fn nothing_where_nobody_asks() {
    prog_with("holds_a_borrow", &[]).well("main returned\n");
}
