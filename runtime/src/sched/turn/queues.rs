//! What is taken from the queues, in which order.

use crate::sched::state::p::{OwnP, P};
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;

/// What to run.
pub(crate) struct Found {
    pub(crate) g: Runnable,
    /// It continues the current time slice.
    pub(crate) inherits_slice: bool,
    /// It has been kept back, and need not wait any more.
    pub(super) admitted: bool,
}

impl Found {
    /// With a slice of its own.
    #[inline(always)]
    pub(super) fn fresh(g: Runnable) -> Found {
        Found {
            g,
            inherits_slice: false,
            admitted: false,
        }
    }

    /// From `run_next`.
    #[inline(always)]
    pub(super) fn next(g: Runnable) -> Found {
        Found {
            g,
            inherits_slice: true,
            admitted: false,
        }
    }

    /// For a home thread, whose goroutines share a slice.
    pub(super) fn of_home(g: Runnable, inherits_slice: bool) -> Found {
        Found {
            g,
            inherits_slice,
            admitted: false,
        }
    }
}

/// Every 61st tick what is common comes first.
#[inline(always)]
pub(super) fn is_global_turn(p: &P) -> bool {
    p.slices().is_multiple_of(61)
}

/// Every 61st tick the head of the global queue; else `run_next`; else the local queue.
#[inline(always)]
pub(super) fn local(p: &OwnP<'_>) -> Option<Found> {
    if is_global_turn(p)
        && SCHED.queued() != 0
        && let Some(g) = SCHED.take()
    {
        return Some(Found::fresh(g));
    }
    if let Some(g) = p.take_next() {
        return Some(Found::next(g));
    }
    p.pop().map(Found::fresh)
}

pub(super) fn take_global(p: &OwnP<'_>) -> Option<Runnable> {
    if SCHED.queued() == 0 {
        return None;
    }
    SCHED.take_batch(p)
}
