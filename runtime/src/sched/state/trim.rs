//! Giving back what a goroutine has needed deep down its stack, and does not need any more.

use crate::g::GRef;
use crate::g::trim::TRIMMED;
use crate::stack::live;
use crate::sys::arch::stack_pointer;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stacks that have been deep are to be trimmed: for a short while, each second in which there are any.
static TRIM: AtomicBool = AtomicBool::new(false);

/// sysmon's part, about once a second: is there a stack that has been deep? Then goroutines that park in
/// the next moments look at theirs.
pub(crate) fn look_for_deep_stacks() {
    let deep = live::any_live(TRIMMED, |slot, class| {
        GRef::of_slot(slot, class).has_been_deep()
    });
    TRIM.store(deep, Ordering::Relaxed);
}

/// The moments are over.
pub(crate) fn end_of_trimming() {
    TRIM.store(false, Ordering::Relaxed);
}

/// Before a goroutine parks: gives back what it has needed deeper down, if that is asked for.
#[inline(always)]
pub(crate) fn trim_if_asked(g: GRef) {
    if TRIM.load(Ordering::Relaxed) {
        trim(g);
    }
}

#[cold]
#[inline(never)]
fn trim(g: GRef) {
    let sp = stack_pointer();
    if (g.stack_limit()..g.as_ptr() as usize).contains(&sp) {
        // SAFETY: it runs here, on its first segment.
        unsafe { g.trim_below(sp) };
    }
}
