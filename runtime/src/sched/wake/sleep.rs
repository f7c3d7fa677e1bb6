//! How an M sleeps until it is given a P, and takes it: `stopm` and its kin.
//!
//! Why no wake-up is lost: README.md, "Falling asleep".

use super::{asleep, idle};
use crate::sched::state::m::{M, Rest};
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::Section;

/// The M has no P: sleeps until another thread gives it one.
pub(crate) fn stopm(m: &mut Section) {
    debug_assert!(m.p().is_none() && !m.is_spinning());
    m.stands_here();
    SCHED.lock().put_idle_m(m.m());
    asleep::check();
    sleep_for_p(m);
}

/// Sleeps until woken with a P, and takes it.
pub(crate) fn sleep_for_p(m: &mut Section) {
    m.sleep();
    let p = m.take_left_p();
    m.acquire_p(p.expect("woken with a P"));
}

/// The same in line, where it may be woken without a P: see `pause::relieve`.
pub(crate) fn sleep_for_turn(m: &mut Section) {
    m.sleep();
    if let Some(p) = m.take_left_p() {
        m.acquire_p(p);
    }
}

/// `m` gives its P to `other`, which sleeps until it gets one.
pub(crate) fn hand_p(m: &mut Section, other: &'static M) {
    let p = m.release_p().expect("looks for work with a P");
    other.wake_with(p);
}

/// `g`, which only `locked` may run, was found by `m`, which gives it and its P over.
pub(crate) fn start_locked(m: &mut Section, locked: &'static M, g: Runnable) {
    let before = locked.leave_g(g);
    debug_assert!(before.is_none(), "a goroutine is lost");
    hand_p(m, locked);
}

/// Waits until the goroutine locked to this thread can run.
pub(crate) fn stop_locked(m: &mut Section) {
    if let Some(p) = m.release_p() {
        idle::handoffp(p);
    }
    sleep_until_posted(m);
}

/// The M has no P and sleeps until it is given one, for a goroutine that it alone may run.
pub(crate) fn sleep_until_posted(m: &mut Section) {
    m.m().rests(Rest::Bound, || {
        asleep::check();
        sleep_for_p(m);
    });
}

/// Takes an idle P, if there is one.
pub(crate) fn take_idle_p(m: &mut Section) -> bool {
    if SCHED.idle.ps() == 0 {
        return false;
    }
    let p = SCHED.lock().take_idle_p();
    match p {
        Some(p) => {
            m.acquire_p(p);
            SCHED.alarm.work_began();
            true
        }
        None => false,
    }
}
