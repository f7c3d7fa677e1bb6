//! Arming timers and firing what is due.

use super::idle::wake_poller;
use crate::sched::state::p::P;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub(crate) use crate::sys::clock::nanotime;
use crate::sys::clock::{NEAR, coarse_nanotime};
pub(crate) use crate::timers::{TimerNode, remove as disarm};

/// Which M looks at the heap before it sleeps; if none is sure to, one is woken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looks {
    /// The caller's M: the caller parks right afterwards.
    ItsM,
    /// Maybe none: the M that has to be awake by then is woken.
    Nobody,
}

/// Arms a timer in a heap of ours: it will be fired once, not before `when` (nanoseconds on [`nanotime`]'s clock),
/// unless [`disarm`] returns `true`.
///
/// # Safety
/// As [`Heap::insert`](crate::timers::Heap::insert).
pub(crate) unsafe fn arm(node: *const TimerNode, when: i64, looks: Looks) {
    let section = section::enter();
    let own = section.as_ref().and_then(|s| s.m().p());
    let heap = &own.unwrap_or(SCHED.p(0)).timers;
    // SAFETY: forwarded.
    let became_first = unsafe { heap.insert(node, when) };
    drop(section);
    if became_first && (looks == Looks::Nobody || own.is_none()) {
        wake_poller(when);
    }
}

/// Fires what is due in `p`'s heap; `true` if something was. The clock is read only if there is a
/// timer at all.
#[inline(always)]
pub(crate) fn check(p: &P) -> bool {
    let first = p.timers.first();
    first != i64::MAX && first <= nanotime() && fire_due(p)
}

/// May a timer in `p`'s heap be due? Those that servers have, for connections that do nothing, are far away: to see
/// that, the coarse clock is enough, which costs less.
#[inline(always)]
pub(crate) fn is_near(p: &P) -> bool {
    let first = p.timers.first();
    first != i64::MAX && first.saturating_sub(NEAR) <= coarse_nanotime()
}

#[inline(never)]
fn fire_due(p: &P) -> bool {
    let now = nanotime();
    let mut fired = false;
    while let Some(due) = p.timers.pop_due(now) {
        fired = true;
        due.fire();
    }
    fired
}

/// The `Instant` at which `nanotime` shows `when`; at most a microsecond late, never early.
pub(crate) fn instant_at(when: i64) -> Instant {
    /// One moment on both clocks, which tick at the same rate.
    static PAIR: OnceLock<(Instant, i64)> = OnceLock::new();
    let &(instant, nanos) = PAIR.get_or_init(|| {
        let look = || {
            let (before, instant) = (nanotime(), Instant::now());
            (nanotime() - before, instant, before)
        };
        // The closest of several readings: in the others this thread lost its processor between the two.
        let best = (0..20).map(|_| look()).min_by_key(|look| look.0);
        let (_, instant, before) = best.expect("of twenty");
        (instant, before)
    });
    let from_pair = Duration::from_nanos(when.abs_diff(nanos));
    if when >= nanos {
        instant + from_pair
    } else {
        instant - from_pair
    }
}
