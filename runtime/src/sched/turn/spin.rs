//! Ms that look for work are counted: no more of them look than pays.

use crate::sched::state::m::M;
use crate::sched::state::sched::SCHED;
use crate::sched::wake::idle;
use std::sync::atomic::Ordering;

/// At most half of the busy Ps' number of Ms look for work at once.
pub(super) fn begin(m: &M) -> bool {
    if m.spinning.get() {
        return true;
    }
    let procs = SCHED.procs.load(Ordering::Relaxed) as u32;
    if !SCHED.idle.may_begin(procs) {
        return false;
    }
    m.spinning.set(true);
    SCHED.idle.begin();
    true
}

/// The M does not look for work any more; returns whether it did before.
pub(super) fn end(m: &M) -> bool {
    if !m.spinning.get() {
        return false;
    }
    m.spinning.set(false);
    SCHED.idle.end();
    true
}

/// A spinning M found work: if it was the last one there may be more work for another.
pub(super) fn found_work(m: &M) {
    if end(m) {
        idle::wakep();
    }
}
