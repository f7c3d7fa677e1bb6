//! Giving back what a goroutine has needed deep down its stack, and does not need any more.

use super::held::Held;
use crate::g::GRef;
use crate::g::trim::{Extent, TRIMMED};
use crate::stack::live;
use crate::sys::arch::stack_pointer;
use crate::sys::barrier;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stacks that have been deep are to be trimmed: for a short while, each second in which there are any.
static TRIM: AtomicBool = AtomicBool::new(false);

/// The goroutine whose stack sysmon is trimming.
static HELD: Held = Held::new();

/// sysmon's part, about once a second: is there a stack that has been deep? Then goroutines that park in
/// the next moments look at theirs.
pub(crate) fn look_for_deep_stacks() {
    let deep = live::any_live(TRIMMED, |slot, class| {
        Extent::of_slot(slot, class).has_been_deep()
    });
    TRIM.store(deep, Ordering::Relaxed);
}

/// The moments are over. Were there any?
pub(crate) fn end_of_trimming() -> bool {
    TRIM.swap(false, Ordering::Relaxed)
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
    if g.class() < TRIMMED {
        return;
    }
    let stack = Extent::of_slot(g.slot(), g.class());
    if (stack.limit..stack.top).contains(&sp) {
        // SAFETY: it runs here, on its first segment.
        unsafe { stack.trim_below(sp) };
    }
}

/// Before a goroutine is resumed, and after its status says that it runs.
#[inline(always)]
pub(crate) fn before_resuming(g: GRef) {
    if barrier::is_asymmetric() && HELD.is(g.as_ptr() as usize) {
        wait_until_trimmed(g);
    }
}

#[cold]
#[inline(never)]
fn wait_until_trimmed(g: GRef) {
    while HELD.is_still(g.as_ptr() as usize) {
        std::thread::yield_now();
    }
}

/// Trims the stack in a slot, whose goroutine waits, from outside; on sysmon. `left_at` says where it left its stack,
/// if that is there and it still waits. Was there anything to give back?
///
/// (Not where the hot path would pay a full fence for it.)
pub(crate) fn trim_waiting(g: GRef, stack: Extent, left_at: impl Fn() -> Option<usize>) -> bool {
    let is_deep = |sp| stack.is_deep_below(sp);
    if !barrier::is_asymmetric() || !left_at().is_some_and(is_deep) {
        return false;
    }
    HELD.hold(g.as_ptr() as usize, || {
        if let Some(sp) = left_at() {
            // SAFETY: it has left its stack there, and no M resumes it; what is left of leaving (its M may be at it
            // still) is near `sp`.
            unsafe { stack.trim_below(sp) };
        }
    });
    true
}
