//! Segments: slots in which a goroutine's stack goes on.

use super::p::OwnP;
use super::{section, slots};
use crate::g::gref::wipe;
use crate::g::trim::{TRIMMED, trim_stack};
use crate::g::{G, GRef};
use crate::stack::arena::{self, SlotId};
use crate::stack::bounds;
use std::cell::Cell;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{Ordering, fence};

/// What lies at the top of a segment.
#[repr(C, align(64))]
pub(crate) struct Header {
    /// "Every slot and segment header begins with its owner."
    owner: Cell<*const G>,
    /// [`MARK`].
    mark: Cell<u64>,
    slot: SlotId,
    class: u8,
    /// The lowest address of its stack, above the guard.
    limit: usize,
    /// The next in a list of spare ones.
    pub(crate) next: Cell<Option<SegmentBox>>,
}

/// Tells a segment's header from whatever else may lie at the top of a slot.
const MARK: u64 = 0x676f_5f73_6567_6d31;

/// A segment, whole: its owner alone may use it. Not given back by itself, as a goroutine may be on it.
#[must_use = "the segment would be lost"]
pub(crate) struct SegmentBox(NonNull<Header>);

// SAFETY: a segment belongs to no thread.
unsafe impl Send for SegmentBox {}

impl Deref for SegmentBox {
    type Target = Header;
    fn deref(&self) -> &Header {
        // SAFETY: written by `new`, at the top of a slot that is the segment's until `give_back`.
        unsafe { self.0.as_ref() }
    }
}

impl SegmentBox {
    /// A new segment of at least `want` bytes.
    pub(crate) fn of_at_least(g: GRef, want: usize) -> SegmentBox {
        let class = arena::class_for(want).expect("bounded by the largest class");
        Self::new(g, |p| (slots::take_slot(p, class), class))
    }

    /// A new segment with as much room as an ordinary goroutine would get now.
    pub(crate) fn ordinary(g: GRef) -> SegmentBox {
        Self::new(g, slots::take_ordinary_slot)
    }

    /// Makes a slot a segment.
    fn new(g: GRef, take: impl FnOnce(Option<&OwnP<'_>>) -> (SlotId, u8)) -> SegmentBox {
        let (slot, class) = {
            let section = section::enter();
            take(section.as_ref().and_then(|s| s.p()).as_ref())
        };
        let header = NonNull::new(header_of(slot, class)).expect("not at address 0");
        // Release: pairs with the fence in `Glimpse::of_slot`. A reader that takes what is written here, or
        // later on this stack, for the header of the goroutine that had the slot before sees that it is gone.
        fence(Ordering::Release);
        // SAFETY: the top of a slot that was taken just now.
        unsafe {
            header.write(Header {
                owner: Cell::new(g.as_ptr()),
                mark: Cell::new(MARK),
                slot,
                class,
                limit: segment_bounds(slot, class).0,
                next: Cell::new(None),
            });
        }
        SegmentBox(header)
    }

    /// From now on it is that goroutine's.
    pub(crate) fn lend_to(&self, g: GRef) {
        self.owner.set(g.as_ptr());
    }

    /// How large it is.
    pub(crate) fn size(&self) -> usize {
        arena::size_of_class(self.class)
    }

    /// Its lowest address, guard included, and where its header begins.
    pub(crate) fn range(&self) -> (usize, usize) {
        (arena::slot_base(self.slot), self.0.addr().get())
    }

    /// Its lowest address above the guard.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// If it has been deep, gives its pages back, except the upper ones.
    pub(crate) fn trim(&mut self) {
        if self.class >= TRIMMED {
            // SAFETY: the segment's stack; no code runs on it, as it is borrowed mutably.
            unsafe { trim_stack(self.0.addr().get(), || self.limit) };
        }
    }

    /// Gives it back to the arena.
    pub(crate) fn give_back(mut self) {
        self.trim();
        self.mark.set(0);
        let (slot, class) = (self.slot, self.class);
        // SAFETY: the segment's slot, which has no owner from now on.
        unsafe {
            wipe(slot, class);
            let section = section::enter();
            let p = section.as_ref().and_then(|s| s.p());
            slots::give_slot(p.as_ref(), class, slot);
        }
    }

    /// As a pointer, for a word that owns it from now on.
    pub(crate) fn into_raw(self) -> *mut () {
        self.0.as_ptr().cast()
    }

    /// # Safety
    /// Null, or from [`into_raw`](Self::into_raw), and taken out of its word just now.
    pub(crate) unsafe fn from_raw(raw: *mut ()) -> Option<SegmentBox> {
        NonNull::new(raw.cast()).map(SegmentBox)
    }
}

fn header_of(slot: SlotId, class: u8) -> *mut Header {
    let top = arena::slot_base(slot) + arena::size_of_class(class);
    (top - size_of::<Header>()) as *mut Header
}

/// The goroutine whose segment a slot is; `None` if it is not a segment. For the overflow handler.
pub(crate) fn segment_owner(slot: SlotId, class: u8) -> Option<GRef> {
    // SAFETY: the top of a slot is mapped and readable, whatever it holds: a segment header, a
    // goroutine's header or colour, or zeros. Only the segment header names its own slot.
    unsafe {
        let h = &*header_of(slot, class);
        if h.slot == slot && h.class == class && h.mark.get() == MARK {
            GRef::from_ptr(h.owner.get().cast_mut())
        } else {
            None
        }
    }
}

/// The stack of `g`, or the segment of it, that `at` lies in, from its guard to its header.
pub(crate) fn bounds_at(g: GRef, at: usize) -> Option<(usize, usize)> {
    let (slot, class) = arena::slot_at(at)?;
    if slot == g.slot() {
        return Some((g.stack_limit(), g.as_ptr() as usize));
    }
    (segment_owner(slot, class)? == g).then(|| segment_bounds(slot, class))
}

/// The stack in a segment, from its guard to its header.
pub(crate) fn segment_bounds(slot: SlotId, class: u8) -> (usize, usize) {
    let (low, size) = (arena::slot_base(slot), arena::size_of_class(class));
    (
        low + bounds::guard_len(size),
        low + size - size_of::<Header>(),
    )
}
