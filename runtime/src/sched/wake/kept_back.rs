//! Goroutines that are kept back: they have not begun, and there are already as many young hogs as there may be.

use crate::sched::state::hog;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// While it is crowded, one of those that were kept back may begin, on trial: it may be a short one (one that answers a
/// connection, say), and must not wait for loops that never end. If it leaves its thread within its first slice the next
/// may begin. If it does not, another is on trial after this many turns of the line. A turn is 2.5 ms at least, and
/// a hog of 100 ms is not young any more: so there are never more than twice as many young hogs as the limit says, and one.
const ADMIT_EVERY: u64 = 40;

/// One is on trial. (Relaxed, as all here: it decides who begins when, and nothing else.)
static ON_TRIAL: AtomicBool = AtomicBool::new(false);

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
    may_begin_if(|| !ON_TRIAL.load(Ordering::Relaxed) || is_time(last()))
}

/// One that was let begin has left its thread within its first slice.
pub(crate) fn trial_ends() {
    ON_TRIAL.store(false, Ordering::Relaxed);
}

/// The first that was kept back, if it need not wait any more.
pub(crate) fn take() -> Option<Runnable> {
    if !may_begin_if(admits_one) {
        return None;
    }
    let first = SCHED.take_held_back();
    if first.is_none() {
        // Another P was faster: nobody is on trial for this.
        trial_ends();
    }
    first
}

/// Is one kept back that may begin: nothing is crowded, no M is in line, or `time` says so?
fn may_begin_if(time: impl FnOnce() -> bool) -> bool {
    SCHED.has_held_back() && (!is_crowded() || !SCHED.has_line() || time())
}

/// Is none on trial, or is it time again? `true` for one caller.
fn admits_one() -> bool {
    if !ON_TRIAL.swap(true, Ordering::Relaxed) {
        LAST.store(SCHED.turns(), Ordering::Relaxed);
        return true;
    }
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

#[cfg(test)]
mod tests {
    use super::{ADMIT_EVERY, SCHED, hog, is_crowded};
    use crate::spawn;
    use crate::sys::inject::in_child;
    use crate::sys::sigurg;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// As many loops as may be, and more; beside them short ones, one after the other.
    #[test]
    fn short_ones_begin_one_after_the_other() {
        const NAME: &str = "sched::wake::kept_back::tests::short_ones_begin_one_after_the_other";
        const SHORT: u64 = 50;
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        if !sigurg::POSSIBLE {
            return;
        }
        let child = in_child(NAME, "", |_| {
            // So that old ones count, too.
            hog::set_limit(0);
            let looping = || {
                while !ENOUGH.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            };
            let loops: Vec<_> = (0..4).map(|_| spawn(looping)).collect();
            while hog::all() < 4 {
                std::thread::yield_now();
            }
            assert!(is_crowded());
            let before = SCHED.turns();
            for _ in 0..SHORT {
                spawn(|| {}).join().expect("it does nothing");
            }
            let turns = SCHED.turns() - before;
            assert!(turns < SHORT * ADMIT_EVERY / 2, "{turns} turns");
            ENOUGH.store(true, Ordering::Relaxed);
            for one in loops {
                one.join().expect("it ends");
            }
        });
        if let Some(child) = child {
            let text = String::from_utf8_lossy(&child.stderr);
            assert!(child.status.success(), "{text}");
        }
    }
}
