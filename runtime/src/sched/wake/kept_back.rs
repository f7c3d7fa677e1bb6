//! Goroutines that are kept back: they have not begun, and there are already as many young hogs as there may be.

use crate::sched::state::hog;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use std::sync::atomic::{AtomicU64, Ordering};

/// While it is crowded, one of those that were kept back may begin after this many turns of the line: it may be a short
/// one (one that answers a connection, say), and must not wait for loops that never end. A turn is 2.5 ms at least, and
/// a hog of 100 ms is not young any more: so there are never more than twice as many young hogs as the limit says.
const ADMIT_EVERY: u64 = 40;

/// `SCHED.turns()` when one last began that way.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Must `g` wait, since it has not begun and it is crowded? Then others that wait in line finish first.
#[inline(always)]
pub(crate) fn is_kept_back(g: &Runnable) -> bool {
    SCHED.has_line() && is_crowded_and_fresh(g)
}

#[cold]
#[inline(never)]
fn is_crowded_and_fresh(g: &Runnable) -> bool {
    is_crowded() && g.is_fresh()
}

fn is_crowded() -> bool {
    hog::young() >= hog::limit()
}

/// Is a goroutine kept back that need not wait any more?
pub(super) fn may_begin() -> bool {
    may_begin_if(|| is_time(last()))
}

/// The first that was kept back, if it need not wait any more.
pub(crate) fn take() -> Option<Runnable> {
    may_begin_if(admits_one).then(|| SCHED.take_held_back())?
}

/// Is one kept back that may begin: nothing is crowded, no M is in line, or `time` says so?
fn may_begin_if(time: impl FnOnce() -> bool) -> bool {
    SCHED.has_held_back() && (!is_crowded() || !SCHED.has_line() || time())
}

/// Is it time again? `true` for one caller.
fn admits_one() -> bool {
    let (ok, lost) = (Ordering::Relaxed, Ordering::Relaxed);
    let (last, now) = (last(), SCHED.turns());
    is_time(last) && LAST.compare_exchange(last, now, ok, lost).is_ok()
}

fn last() -> u64 {
    LAST.load(Ordering::Relaxed)
}

fn is_time(last: u64) -> bool {
    SCHED.turns().saturating_sub(last) >= ADMIT_EVERY
}
