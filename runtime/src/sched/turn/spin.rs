//! Ms that look for work are counted: no more of them look than pays.

use crate::sched::state::m::M;
use crate::sched::state::sched::SCHED;
use crate::sched::wake::idle;

/// At most half of the busy Ps' number of Ms look for work at once.
pub(super) fn begin(m: &M) -> bool {
    if m.is_spinning() {
        return true;
    }
    let procs = SCHED.procs() as u32;
    if !SCHED.idle.may_begin(procs) {
        return false;
    }
    begin_asked(m);
    true
}

/// The M looks for work, however many do: it has been asked to.
pub(super) fn begin_asked(m: &M) {
    m.set_spinning(true);
    SCHED.idle.begin();
}

/// The M does not look for work any more; returns whether it did before.
pub(super) fn end(m: &M) -> bool {
    if !m.is_spinning() {
        return false;
    }
    m.set_spinning(false);
    SCHED.idle.end();
    true
}

/// A spinning M found work: if it was the last one there may be more work for another.
pub(super) fn found_work(m: &M) {
    if end(m) {
        idle::wakep();
    }
}
