//! Who runs when, with one P: where Go's order is certain, ours is the same.

use crate::prog_with;

const ONE_P: &[(&str, &str)] = &[("GOMAXPROCS", "1"), ("GODEBUG", "preempt=0")];

/// A broadcast readies its waiters in their order, and each becomes the next to run.
#[test]
fn after_a_broadcast_the_last_waiter_runs_first() {
    prog_with("broadcast_order", ONE_P).well("5\n0\n1\n2\n3\n4\nmain returned\n");
}

/// Past a millisecond a waiter is handed the lock and runs at once.
#[test]
fn a_starving_waiter_is_handed_the_lock() {
    prog_with("starving_waiter", ONE_P).well("handed over: true\nmain returned\n");
}

/// `GODEBUG=preempt=0`: what runs next does not hang on how fast the machine is.
#[test]
fn a_slice_that_is_over_changes_no_order() {
    prog_with("two_and_a_slice", ONE_P).well("second\nfirst\nmain returned\n");
}

/// .. and goroutines that wake each other do not keep the P for themselves.
#[test]
fn a_pair_shares_the_p_although_no_slice_ends() {
    prog_with("a_pair_and_main", ONE_P).well("main returned\n");
}

/// .. nor is one that was just started left beside an idle P.
#[test]
fn where_no_slice_ends_an_idle_p_takes_what_waits() {
    let two = &[("GOMAXPROCS", "2"), ("GODEBUG", "preempt=0")];
    prog_with("one_computes", two).well("main returned\n");
}
