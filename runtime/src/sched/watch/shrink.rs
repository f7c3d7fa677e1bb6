//! Memory of goroutines that were deep once and wait now, for long.
//!
//! One that goes on looks at its own stack when it parks the next time (`state::trim`). One that stays parked cannot:
//! so sysmon does it, about a second after it saw the goroutine deep.

use crate::g::GRef;
use crate::g::trim::TRIMMED;
use crate::sched::report::parked;
use crate::sched::state::trim;
use crate::stack::live;

/// Gives back what lies far below where they left their stacks.
pub(super) fn waiting(since_before: i64) {
    live::any_live(TRIMMED, |slot, class| {
        let g = GRef::of_slot(slot, class);
        if g.has_been_deep() && g.waits_since_before(since_before) {
            trim::trim_waiting(g, || parked::left_at(g));
        }
        false
    });
}
