//! Giving back the pages of a stack that has been deep.

use super::gref::GRef;
use super::header::G;
use crate::stack::arena::SlotId;
use crate::stack::{arena, bounds};
use crate::sys::mem;
use std::ptr;

/// Gives back the pages of a stack that has been deep, except the upper ones: see [`G::trim`].
///
/// # Safety
/// `limit()..top` is stack in a slot of at least [`TRIMMED`], above its guard, and it is not in use any more.
#[inline]
pub(crate) unsafe fn trim_stack(top: usize, limit: impl FnOnce() -> usize) {
    let page = (top - KEPT) & !(mem::page_size() - 1);
    // SAFETY: well inside the range. Volatile: the former users of the stack wrote what lies there.
    let word = |i| unsafe { ((page + i * 512) as *const u64).read_volatile() };
    // All of them: mostly they are zero, and then to ask once takes the least.
    if (0..8).fold(0, |all, i: usize| all | word(i)) != 0 {
        let limit = limit();
        // SAFETY: as above: below the part of the stack that is kept.
        unsafe { mem::discard(limit, page + mem::page_size() - limit) };
    }
}

/// Slots of at least 2 MiB are trimmed, to this many bytes.
pub(crate) const TRIMMED: u8 = 5;
const KEPT: usize = 256 << 10;
/// What a goroutine that lives keeps below its stack pointer.
const NEAR: usize = 128 << 10;

/// The stack in a slot of at least [`TRIMMED`], known by the slot: what its header says counts only for its owner.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) limit: usize,
    pub(crate) top: usize,
}

impl Extent {
    pub(crate) fn of_slot(slot: SlotId, class: u8) -> Extent {
        Extent {
            limit: arena::slot_base(slot) + bounds::guard_len_of(class),
            top: GRef::of_slot(slot, class).as_ptr() as usize,
        }
    }

    /// A page that the stack reaches if it is deeper than [`KEPT`].
    fn deep_page(self) -> usize {
        (self.top - KEPT) & !(mem::page_size() - 1)
    }

    /// Has the stack been deep, and has not been trimmed since? Any thread may own it.
    pub(crate) fn has_been_deep(self) -> bool {
        mem::is_resident(self.deep_page())
    }

    /// Has it been deep below `sp`, which is in it, so that trimming gives something back?
    pub(crate) fn is_deep_below(self, sp: usize) -> bool {
        self.trimmed_below(sp).is_some()
    }

    /// The last page that is given back if `sp` is its stack pointer.
    fn trimmed_below(self, sp: usize) -> Option<usize> {
        let high = (sp - NEAR).min(self.deep_page()) & !(mem::page_size() - 1);
        (high > self.limit && mem::is_resident(high)).then_some(high)
    }

    /// Gives back what lies far below `sp`.
    ///
    /// # Safety
    /// The caller is the goroutine itself, `sp` its stack pointer, and that in its slot; or it left its stack at
    /// `sp`, and is not resumed meanwhile.
    pub(crate) unsafe fn trim_below(self, sp: usize) {
        if let Some(high) = self.trimmed_below(sp) {
            let low = self.limit;
            // SAFETY: below everything that is in use, by the caller, and above the guard.
            unsafe { mem::discard(low, high + mem::page_size() - low) };
        }
    }
}

impl G {
    /// The goroutine has ended. A stack that has been deep gives its pages back, except the upper ones.
    ///
    /// One page, which the stack reaches if it is deeper than [`KEPT`], tells whether it has been deep:
    /// stack that has been used is hardly all zeros, and what was never touched reads as such.
    ///
    /// # Safety
    /// The caller is the owner, and the goroutine has left its stack for good.
    #[inline]
    pub(crate) unsafe fn trim(&self) {
        if self.class() >= TRIMMED {
            // SAFETY: its stack, which is not in use any more, by the caller.
            unsafe { trim_stack(ptr::from_ref(self) as usize, || self.stack_limit()) };
        }
    }
}
