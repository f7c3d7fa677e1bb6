//! Memory of goroutines that were deep once and have been waiting for long.
//!
//! One that goes on looks at its own stack when it parks the next time (`state::trim`). One that stays parked cannot:
//! so sysmon does it, about a second after it saw the goroutine deep.

use crate::g::GRef;
use crate::g::trim::{Extent, TRIMMED};
use crate::sched::report::parked;
use crate::sched::state::trim;
use crate::stack::live;

/// How many a round trims: each takes about as long as the kernel needs for its pages, and sysmon has other things
/// to do.
const A_ROUND: u32 = 16;

/// Gives back what lies far below where they left their stacks. `true`: there may be more.
pub(super) fn waiting(since_before: i64) -> bool {
    let mut trimmed = 0;
    live::any_live(TRIMMED, |slot, class| {
        let (g, stack) = (GRef::of_slot(slot, class), Extent::of_slot(slot, class));
        if g.waits_since_before(since_before)
            && stack.has_been_deep()
            && trim::trim_waiting(g, stack, || parked::left_at(slot, class, stack))
        {
            trimmed += 1;
        }
        trimmed == A_ROUND
    })
}
