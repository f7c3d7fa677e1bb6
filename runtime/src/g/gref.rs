//! A pointer to a G, and where in its slot a G lies.

use super::header::{G, GWord};
use crate::stack::arena::{self, SlotId};
use crate::stack::bounds;
use crate::stack::word::{ID_BITS, THREAD_IDS};
use crate::sys::arch;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::{Ordering, fence};

/// A pointer to a G. Copies of it say nothing about the G's owner: see the [module](self).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct GRef(NonNull<G>);

// SAFETY: a GRef is an address of a slot that is never unmapped; the module's ownership rule says
// which thread may touch what behind it.
unsafe impl Send for GRef {}
// SAFETY: as above.
unsafe impl Sync for GRef {}

impl Deref for GRef {
    type Target = G;
    #[inline(always)]
    fn deref(&self) -> &G {
        // SAFETY: made by `GRef::of_slot` for a slot taken into use; slots are never unmapped, and
        // every field is a cell or an atomic for which any bytes that a G or zeroed memory can hold
        // are valid to look at through the atomics.
        unsafe { self.0.as_ref() }
    }
}

impl GWord {
    #[inline(always)]
    pub(crate) fn load(&self, order: Ordering) -> Option<GRef> {
        NonNull::new(self.0.load(order)).map(GRef)
    }

    #[inline(always)]
    pub(crate) fn store(&self, g: Option<GRef>, order: Ordering) {
        self.0.store(g.map_or(ptr::null_mut(), GRef::as_ptr), order);
    }
}

const COLOURS: u32 = 16;
const COLOUR: usize = 64;
/// In slots of at least 2 MiB the top page is coloured too: a translation cache finds an entry by the lower
/// bits of its page's number, and for slots that far apart they are all the same.
const ROOMY: u8 = 5;
const PAGE_COLOURS: u32 = 64;
const PAGE_COLOUR: usize = 4 << 10;
/// What a debugger needs to compute [`GRef::of_slot`]; the order is `sched::report::gdb`'s.
pub(crate) const COLOURING: [usize; 5] = [
    COLOURS as usize,
    COLOUR,
    ROOMY as usize,
    PAGE_COLOURS as usize,
    PAGE_COLOUR,
];

/// How far [`GRef::prefetch_beyond`] looks ahead: memory answers in the time that this many places take.
const BEYOND: i64 = 8;

impl GRef {
    /// Where the G of a slot is.
    #[inline(always)]
    pub(crate) fn of_slot(slot: SlotId, class: u8) -> GRef {
        let units = (slot - THREAD_IDS) >> class;
        let mut colour = (units % COLOURS) as usize * COLOUR;
        if class >= ROOMY {
            colour += (units % PAGE_COLOURS) as usize * PAGE_COLOUR;
        }
        let top = arena::slot_base(slot) + arena::size_of_class(class) - colour;
        let addr = (top - size_of::<G>()) & !(align_of::<G>() - 1);
        GRef(NonNull::new(addr as *mut G).expect("the arena is not at address 0"))
    }

    #[inline(always)]
    pub(crate) fn as_ptr(self) -> *mut G {
        self.0.as_ptr()
    }

    /// Fetches the lines that running a new goroutine touches first: the header's and the top of the
    /// stack below it. A hint; the G need not be ours yet.
    #[inline(always)]
    pub(crate) fn prefetch(self) {
        let top = self.as_ptr().cast::<i8>();
        for line in [0isize, 64, -64, -128] {
            arch::prefetch(top.wrapping_offset(line));
        }
    }

    /// Fetches the lines that resuming a parked goroutine touches: the coroutine, and the frames that it goes
    /// back through. All at once, while its waker still runs: resuming would meet them one after another. A
    /// hint: of one that has not begun, the address is another, and nothing is won.
    #[inline(always)]
    pub(crate) fn prefetch_parked(self) {
        let note = self.parked_at() as *const i8;
        arch::prefetch(self.as_ptr().cast::<i8>());
        for line in -1..6 {
            arch::prefetch(note.wrapping_offset(line * 64));
        }
    }

    /// Fetches what may lie [`BEYOND`] places further in a list that leads from `here` to `next`, each in the frame of a
    /// goroutine that waits: goroutines that were started one after the other wait one after the other, in slots at
    /// even distances, at the same place of the same function. A guess; each place in the list is cold, and leads to
    /// the next one only when it has come.
    #[inline]
    pub(crate) fn prefetch_beyond(here: usize, next: usize) {
        let (Some((a, ca)), Some((b, cb))) = (arena::slot_at(here), arena::slot_at(next)) else {
            return;
        };
        let step = i64::from(b) - i64::from(a);
        let slot = i64::from(b) + step * BEYOND;
        if ca != cb || !(i64::from(THREAD_IDS)..1 << ID_BITS).contains(&slot) {
            return;
        }
        let below = (GRef::of_slot(b, cb).as_ptr() as usize).wrapping_sub(next);
        let g = GRef::of_slot(slot as u32, cb).as_ptr().cast::<i8>();
        let place = g.wrapping_byte_sub(below);
        for line in [place, place.wrapping_add(64), g, g.wrapping_add(64)] {
            arch::prefetch(line);
        }
    }

    /// Goroutine after goroutine wakes the one that lies `step` slots further, and this one is next to do so: fetches
    /// what resuming the one after it will touch, as [`prefetch_parked`](Self::prefetch_parked). A guess: that it
    /// waits at the same place of the same function.
    #[inline(never)]
    pub(crate) fn prefetch_after(self, step: u32) {
        let class = self.class();
        let slot = self.slot().wrapping_add(step);
        if !(THREAD_IDS..1 << ID_BITS).contains(&slot) {
            return;
        }
        let below = (self.as_ptr() as usize).wrapping_sub(self.parked_at());
        let g = GRef::of_slot(slot, class).as_ptr().cast::<i8>();
        let note = g.wrapping_byte_sub(below);
        for line in [0, 64] {
            arch::prefetch(g.wrapping_offset(line));
        }
        for line in -1..6 {
            arch::prefetch(note.wrapping_offset(line * 64));
        }
    }

    /// # Safety
    /// `p` came from [`as_ptr`](Self::as_ptr).
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(p: *mut G) -> Option<GRef> {
        NonNull::new(p).map(GRef)
    }

    /// Writes a fresh header into a slot that the caller has just taken.
    ///
    /// # Safety
    /// The slot is in use by the caller alone.
    #[inline]
    pub(crate) unsafe fn init(slot: SlotId, class: u8) -> GRef {
        let g = GRef::of_slot(slot, class);
        // What is read from outside ([`Glimpse`](super::glimpse::Glimpse)) is written field by field: the look may
        // be at the goroutine that was here before.
        g.id.store(0, Ordering::Relaxed);
        // Release: pairs with the fence of the look. A reader of anything that is written from here on sees that
        // the former goroutine is gone.
        fence(Ordering::Release);
        g.blank();
        g.slot.store(slot, Ordering::Relaxed);
        g.class.store(class, Ordering::Relaxed);
        let guard = arena::slot_base(slot) + bounds::guard_len_of(class) + bounds::margin_of(class);
        g.stackguard.store(guard, Ordering::Relaxed);
        g.word().set_live();
        g
    }
}

/// Clears what a segment or anything else left where the header of a free slot's next goroutine will
/// be.
///
/// # Safety
/// The slot belongs to the caller and is not a goroutine's.
pub(crate) unsafe fn wipe(slot: SlotId, class: u8) {
    let g = GRef::of_slot(slot, class);
    // SAFETY: inside the caller's slot.
    unsafe { ptr::write_bytes(g.as_ptr().cast::<u8>(), 0, size_of::<G>()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g::Status;
    use crate::stack::arena::init;
    use crate::stack::cache::Cache;

    #[test]
    fn the_header_lies_at_the_coloured_top_and_fits() {
        init().unwrap();
        assert!(size_of::<G>() <= 320, "{}", size_of::<G>());
        for class in [0u8, 2, 5, 10] {
            let cache = Cache::default();
            let slot = cache.take(class).unwrap();
            // SAFETY: just taken.
            let g = unsafe { GRef::init(slot, class) };
            let top = arena::slot_base(slot) + arena::size_of_class(class);
            let at = g.as_ptr() as usize;
            assert!(at.is_multiple_of(64) && at + size_of::<G>() <= top);
            let pages = if class >= ROOMY {
                PAGE_COLOURS as usize * PAGE_COLOUR
            } else {
                0
            };
            assert!(top - at <= pages + 16 * 64 + size_of::<G>() + 64);
            assert_eq!(arena::slot_at(at), Some((slot, class)));
            assert_eq!(g.status(), Status::Idle);
            assert!(g.stackguard.load(Ordering::Relaxed) > g.stack_limit());
            // SAFETY: taken above, and not used.
            unsafe { cache.put(class, slot) };
            cache.flush(class);
        }
    }
}
