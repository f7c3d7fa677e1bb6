//! sysmon's long sleeps: the very file `sched/state/alarm.rs` (README.md, "Falling asleep").
//!
//! Proves: while every P is idle sysmon may sleep for long, or without end; whoever takes a P and has something for it
//! ends that sleep, whenever it comes: the note, on which it sleeps, is another one then. (That a wake-up which follows the
//! change is not lost is the kernel's part.)

use super::idle::idle_state::IdleState;
use super::sys::Part;
use super::{check, must_fail, must_fail_without};
use loom::sync::Arc;
use loom::thread;
use std::time::Duration;

#[allow(dead_code, unreachable_pub)]
#[path = "../../../runtime/src/sched/state/alarm.rs"]
mod file;
use file::Alarm;

#[derive(Clone, Copy, PartialEq)]
enum Sleep {
    /// Until the longest delay has passed: `sleep_idle`.
    Long,
    /// Until it is called: `sleep_deeply`.
    Deep,
}

/// Faults that the model must notice, beside those of [`Part`].
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// It looks whether all are idle before it says that it sleeps.
    LooksTooEarly,
}

/// sysmon falls asleep while `callers` Ms take the idle Ps, of which there are two.
fn model(sleep: Sleep, fault: Fault, callers: usize) {
    let s = Arc::new((Alarm::new(), IdleState::new()));
    s.1.p_rests();
    s.1.p_rests();
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let s = s.clone();
            thread::spawn(move || {
                let (alarm, idle) = &*s;
                idle.p_taken();
                match sleep {
                    Sleep::Long => alarm.hurry(),
                    Sleep::Deep => alarm.work_began(),
                }
            })
        })
        .collect();
    let (alarm, idle) = &*s;
    let all_idle = || idle.ps_in_order() == 2;
    let note = alarm.note();
    let early = fault == Fault::LooksTooEarly && all_idle();
    let look = || early || fault == Fault::None && all_idle();
    match sleep {
        Sleep::Long => alarm.sleep_idle(note, Duration::ZERO, Duration::MAX, look),
        Sleep::Deep => alarm.sleep_deeply(note, false, look),
    };
    callers.into_iter().for_each(|c| c.join().unwrap());
    assert!(!all_idle());
}

#[test]
fn a_long_sleep_ends_when_somebody_runs() {
    check(3, || model(Sleep::Long, Fault::None, 1));
    check(2, || model(Sleep::Long, Fault::None, 2));
}

#[test]
fn a_sleep_without_end_ends_when_somebody_runs() {
    check(3, || model(Sleep::Deep, Fault::None, 1));
    check(2, || model(Sleep::Deep, Fault::None, 2));
}

#[test]
fn looking_before_it_says_so_is_noticed() {
    must_fail(3, || model(Sleep::Long, Fault::LooksTooEarly, 1));
    must_fail(3, || model(Sleep::Deep, Fault::LooksTooEarly, 1));
}

#[test]
fn a_mark_that_is_in_no_order_is_noticed() {
    must_fail_without(Part::Order, 3, || model(Sleep::Long, Fault::None, 1));
    must_fail_without(Part::Order, 3, || model(Sleep::Deep, Fault::None, 1));
}
