//! The stack of a parked goroutine, seen from outside.
//!
//! No goroutine is resumed and none is stopped. The goroutine noted where it left its stack ([`Saved`], in the frame
//! that it left); what lies above is copied, and only then do we check that it has been parked there all the time:
//! the same goroutine, still waiting, with the same note and the stamp in it, which no two parkings share. If it has
//! gone on meanwhile, nothing is shown. The frames are then walked in the copy ([`walk`](crate::sys::walk)).
//!
//! *Why that is a proof.* What a goroutine does on its stack after a wake-up comes after its M has stored
//! `Running` in its status. If the copy holds any of that, the store came before the copy was complete. Between
//! copy and check every thread passes a barrier ([`barrier::heavy`]): so the check sees the store, or what
//! came later still. (A kernel that gives no such barrier leaves that to the processor; where that does not keep stores in
//! order nothing is shown.) When it has parked again by then, the stamp is another one. What it did *before* it
//! parked is seen, because the note is stored with Release and loaded with Acquire; and a reader that sees that it
//! waits sees the note of this wait, because the status is stored after it.

use crate::g::GRef;
use crate::g::glimpse::Glimpse;
use crate::g::trim::Extent;
use crate::sched::state::segment;
use crate::stack::arena::SlotId;
use crate::stack::{arena, live};
use crate::sys::barrier;
use crate::sys::walk::{Copy, POSSIBLE, Saved};
use std::backtrace::Backtrace;
use std::sync::atomic::Ordering;

/// The frames of a goroutine that is provably parked; `None` if it is not.
pub(crate) fn backtrace(seen: &Glimpse, copy: &mut Copy) -> Option<Backtrace> {
    let (g, id) = (seen.g, seen.id);
    // Before the note is read: a note that an earlier wait left behind does not count any more.
    if !POSSIBLE || !barrier::reaches_everybody() || !g.is_waiting() {
        return None;
    }
    let note = g.parked_at();
    // No memory is given back to the kernel or divided anew meanwhile: what was a stack stays readable.
    let (saved, high) = live::holding_still(|| {
        let (low, high) = segment::bounds_at(g, note)?;
        let saved = read(note, low, high)?;
        // SAFETY: in the slot, above its guard.
        unsafe { copy.fill(saved.sp(), high) };
        Some((saved, high))
    })?;
    barrier::heavy();
    let same = || {
        let (low, high) = segment::bounds_at(g, note)?;
        let now = read(note, low, high)?;
        let still = g.id.load(Ordering::Relaxed) == id
            && g.word().is_live()
            && g.is_waiting()
            && g.parked_at() == note
            && now.stamp == saved.stamp;
        still.then_some(())
    };
    live::holding_still(same)?;
    if !copy.cut() && !copy.is_part(saved.sp(), high) {
        return None;
    }
    // SAFETY: as argued above.
    Some(unsafe { copy.backtrace(saved) })
}

/// The frames of a goroutine that was interrupted at `saved` and stands still for good.
pub(crate) fn of_stopped(g: GRef, saved: Saved, copy: &mut Copy) -> Option<Backtrace> {
    if !POSSIBLE {
        return None;
    }
    let (low, high) = segment::bounds_at(g, saved.sp())?;
    if !(low..high).contains(&saved.sp()) {
        return None;
    }
    // SAFETY: stack of a goroutine that stands still, above its guard; the registers are those of the code that was
    // interrupted on it.
    unsafe {
        copy.fill(saved.sp(), high);
        if !copy.cut() && !copy.is_part(saved.sp(), high) {
            return None;
        }
        Some(copy.backtrace(saved))
    }
}

/// Where the goroutine in that slot left its stack, if it waits and that is in the slot. From outside: it may be going
/// on just now, or ending, and then its header may hold anything.
pub(crate) fn left_at(slot: SlotId, class: u8, stack: Extent) -> Option<usize> {
    let g = GRef::of_slot(slot, class);
    let waits =
        || arena::word(slot).is_live() && g.is_waiting() && g.slot() == slot && g.class() == class;
    if !waits() {
        return None;
    }
    let note = g.parked_at();
    let saved = live::holding_still(|| read(note, stack.limit, stack.top))?;
    waits().then(|| saved.sp())
}

/// The note, if it is one: it lies in the stack, above the lowest frame.
fn read(note: usize, low: usize, high: usize) -> Option<Saved> {
    let fits = note >= low && note + size_of::<Saved>() <= high && note.is_multiple_of(8);
    if !fits {
        return None;
    }
    // SAFETY: in a stack, which is readable; it may be changing, and is checked for that afterwards.
    let saved = unsafe { (note as *const Saved).read_volatile() };
    (low..=note).contains(&saved.sp()).then_some(saved)
}
