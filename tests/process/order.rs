//! Who runs when, with one P: where Go's order is certain, ours is the same.

use crate::prog_with;

const ONE_P: &[(&str, &str)] = &[("GOMAXPROCS", "1")];

/// A broadcast readies its waiters in their order, and each becomes the next to run.
#[test]
fn after_a_broadcast_the_last_waiter_runs_first() {
    prog_with("broadcast_order", ONE_P).well("5\n0\n1\n2\n3\n4\nmain returned\n");
}

/// Past a millisecond a waiter is handed the lock and runs at once.
#[test]
fn a_starving_waiter_is_handed_the_lock() {
    prog_with("starving_waiter", ONE_P).well("the waiter had the lock first\nmain returned\n");
}
