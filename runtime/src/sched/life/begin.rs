//! A goroutine that has waited as a [`seed`] gets its stack.

use super::body::body;
use crate::g::{GRef, seed};
use crate::sched::state::p::OwnP;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::slots;
use crate::stack::arena;

/// Where the goroutine is once it has a stack, mostly where it is: the caller runs it next.
#[inline(always)]
pub(crate) fn with_stack(p: &OwnP<'_>, g: Runnable) -> GRef {
    match g.into_seed() {
        Err(g) => g,
        Ok(seed) => begin(p, seed),
    }
}

#[inline(never)]
fn begin(p: &OwnP<'_>, seed: seed::Owned) -> GRef {
    let (slot, class) = slots::take_slot_for(p, &seed);
    let limit = arena::slot_base(slot);
    // SAFETY: the slot is just taken. The closure lies between the header and the stack's start, the stack below it;
    // nothing has run there yet.
    let (g, free) = unsafe {
        let g = GRef::init(slot, class);
        let (closure, free) = seed.move_to(g);
        g.start(closure, limit, move || body(g));
        (g, free)
    };
    p.seeds().put(free);
    g
}
