//! Segments: slots in which a goroutine's stack goes on.

use super::{section, slots};
use crate::g::gref::wipe;
use crate::g::trim::{TRIMMED, trim_stack};
use crate::g::{G, GRef};
use crate::stack::arena::{self, SlotId};
use crate::stack::guard;

/// What lies at the top of a segment.
#[repr(C, align(64))]
pub(crate) struct Header {
    /// "Every slot and segment header begins with its owner."
    pub(crate) owner: *const G,
    /// [`MARK`].
    mark: u64,
    pub(crate) slot: SlotId,
    pub(crate) class: u8,
    /// The next in a list of lent ones.
    pub(crate) next: *mut Header,
}

/// Tells a segment's header from whatever else may lie at the top of a slot.
const MARK: u64 = 0x676f_5f73_6567_6d31;

/// A new segment of at least `want` bytes.
pub(crate) fn fresh(g: GRef, want: usize) -> *mut Header {
    let class = arena::class_for(want).expect("bounded by the largest class");
    let slot = {
        let section = section::enter();
        slots::take_slot(section.as_ref().and_then(|s| s.p()), class)
    };
    // SAFETY: just taken.
    unsafe { segment_in(g, slot, class) }
}

/// A new segment with as much room as an ordinary goroutine would get now.
pub(crate) fn fresh_ordinary(g: GRef) -> *mut Header {
    let (slot, class) = {
        let section = section::enter();
        slots::take_ordinary_slot(section.as_ref().and_then(|s| s.p()))
    };
    // SAFETY: just taken.
    unsafe { segment_in(g, slot, class) }
}

/// Makes a slot a segment.
///
/// # Safety
/// The slot is the caller's.
unsafe fn segment_in(g: GRef, slot: SlotId, class: u8) -> *mut Header {
    let top = arena::slot_base(slot) + arena::size_of_class(class);
    let header = (top - size_of::<Header>()) as *mut Header;
    // SAFETY: the top of a slot that is ours.
    unsafe {
        header.write(Header {
            owner: g.as_ptr(),
            mark: MARK,
            slot,
            class,
            next: std::ptr::null_mut(),
        });
    }
    header
}

/// The goroutine whose segment a slot is; `None` if it is not a segment. For the overflow handler.
pub(crate) fn segment_owner(slot: SlotId, class: u8) -> Option<GRef> {
    let top = arena::slot_base(slot) + arena::size_of_class(class);
    let header = (top - size_of::<Header>()) as *const Header;
    // SAFETY: the top of a slot is mapped and readable, whatever it holds: a segment header, a
    // goroutine's header or colour, or zeros. Only the segment header names its own slot.
    unsafe {
        let h = &*header;
        if h.slot == slot && h.class == class && h.mark == MARK {
            GRef::from_ptr(h.owner.cast_mut())
        } else {
            None
        }
    }
}

/// The stack in a segment, from its guard to its header.
pub(crate) fn segment_bounds(slot: SlotId, class: u8) -> (usize, usize) {
    let (low, size) = (arena::slot_base(slot), arena::size_of_class(class));
    (low + guard::len(size), low + size - size_of::<Header>())
}

/// A segment that has been deep gives its pages back, but for the upper ones.
///
/// # Safety
/// It is the caller's, and not in use any more.
pub(crate) unsafe fn trim_segment(header: *mut Header) {
    // SAFETY: by the caller.
    let (slot, class) = unsafe { ((*header).slot, (*header).class) };
    if class >= TRIMMED {
        let (limit, top) = segment_bounds(slot, class);
        // SAFETY: the segment's stack.
        unsafe { trim_stack(limit, top) };
    }
}

/// Gives a segment back to the arena.
///
/// # Safety
/// It is the caller's, and not in use any more.
pub(crate) unsafe fn give_back(header: *mut Header) {
    // SAFETY: by the caller.
    let (slot, class) = unsafe {
        trim_segment(header);
        (*header).mark = 0;
        let (slot, class) = ((*header).slot, (*header).class);
        wipe(slot, class);
        (slot, class)
    };
    let section = section::enter();
    slots::give_slot(section.as_ref().and_then(|s| s.p()), class, slot);
}
