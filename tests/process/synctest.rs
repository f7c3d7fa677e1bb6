//! What belongs to a bubble of `testing::synctest` is used from outside: Go's fatal errors.

use crate::prog;

#[test]
fn channels() {
    for (name, text) in [
        ("bubble_send", "send on synctest channel"),
        ("bubble_try_send", "send on synctest channel"),
        ("bubble_recv", "receive on synctest channel"),
        ("bubble_recv_of_another", "receive on synctest channel"),
        ("bubble_close", "close of synctest channel"),
        ("bubble_select", "select on synctest channel"),
        ("bubble_select_default", "select on synctest channel"),
    ] {
        prog(name).fatal("", &format!("fatal error: {text} from outside bubble\n"));
    }
}

#[test]
fn timers() {
    for (name, text) in [
        ("bubble_timer_recv", "receive on synctest channel"),
        ("bubble_timer_stop", "stop of synctest timer"),
        ("bubble_timer_reset", "reset of synctest timer"),
    ] {
        prog(name).fatal("", &format!("fatal error: {text} from outside bubble\n"));
    }
}

/// TestWaitGroupMovedIntoBubble, .. OutOfBubble, .. BetweenBubblesWithNonZeroCount.
#[test]
fn wait_groups() {
    let both = "fatal error: sync: WaitGroup.Add called from inside and outside synctest bubble\n";
    prog("bubble_group_into").fatal("", both);
    prog("bubble_group_out_of").fatal("", both);
    let two = "fatal error: sync: WaitGroup.Add called from multiple synctest bubbles\n";
    prog("bubble_group_between").fatal("", two);
}

#[test]
fn waking_by_a_cond() {
    prog("bubble_cond").fatal(
        "",
        "fatal error: semaphore wake of synctest goroutine from outside bubble\n",
    );
}

/// A panic of another goroutine ends the process in an exploration too; the seed is told.
#[test]
fn the_seed_of_a_panic_that_ends_the_process() {
    let report = "panic: in another goroutine\nunder testing::explore; testing::replay(";
    prog("explore_panic").fatal("", report);
}

#[test]
fn the_last_handle_may_go_anywhere() {
    prog("bubble_last_handle").well("main returned\n");
}
