//! A goroutine that has not begun, and has no stack yet.
//!
//! A stack is what a new goroutine costs most: memory that was never touched before, or not for long. But of many
//! that are started at once few run at a time, and one that ends leaves its stack, warm, to the next. So a goroutine
//! for which no stack is at hand waits as a seed: a header like any other, with the closure beside it, close to other
//! seeds. The M that runs it first gives it a stack, and moves it there (`sched::life::begin`).
//!
//! Until then it is known by the seed's header, whose [`class`](G::class) is [`CLASS`]. Who has the
//! `Runnable` of it alone reads it, and nobody keeps a pointer to it: it has not run, so nothing can wait for it or wake
//! it. Dumps look at it from outside, as at all goroutines ([`glimpse`](super::glimpse)).

use super::gref::GRef;
use super::header::{Closure, G};
use super::status::Status;
use crate::sys::arch;
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering, fence};

/// The class of a header that lies in a seed: none of a slot.
pub(crate) const CLASS: u8 = u8::MAX;

/// The most that a closure may take.
const ROOM: usize = 176;
/// The most that it may be aligned to.
const ALIGN: usize = 16;

/// See the [module](self).
#[repr(C, align(512))]
pub(crate) struct Seed {
    /// Its cold part is never written: it stays zero, as a new seed's must be.
    g: G,
    /// The next on its list while it is free, else the length of the closure.
    note: AtomicU32,
    closure: UnsafeCell<Closed>,
}

#[repr(C, align(16))]
struct Closed([MaybeUninit<u8>; ROOM]);

// Whole pages hold whole seeds. (A coroutine that tells the sanitizer of its switches is larger.)
#[cfg(not(goroutines_asan))]
const _: () = assert!(size_of::<Seed>() == 512);
const _: () = assert!(align_of::<Closed>() == ALIGN && size_of::<Seed>() <= 1024);

/// A seed that is in use by its holder alone: of which there is no copy.
#[must_use = "the seed would be lost"]
pub(crate) struct Owned(NonNull<Seed>);

impl Owned {
    /// # Safety
    /// The caller has it alone, in memory that is never unmapped and was zero or a seed before.
    pub(super) unsafe fn new(seed: NonNull<Seed>) -> Owned {
        Owned(seed)
    }

    pub(super) fn into_inner(self) -> NonNull<Seed> {
        self.0
    }

    fn seed(&self) -> &Seed {
        // SAFETY: as `new` was told. All that is not read through cells and atomics is zero, or as it was left.
        unsafe { self.0.as_ref() }
    }

    /// Does a closure of this type have room in one?
    pub(crate) const fn fits<F>() -> bool {
        size_of::<F>() <= ROOM && align_of::<F>() <= ALIGN
    }

    /// Makes a goroutine of it, which will run `f` by `entry`. The caller sets what else is to be known of it; there
    /// is no other `GRef` of it.
    ///
    /// # Safety
    /// It [`fits`](Self::fits). `entry` may be called with the address of `f`, moved bit by bit, once.
    #[inline]
    pub(crate) unsafe fn plant<F>(self, id: u64, entry: unsafe fn(*mut u8), f: F) -> GRef {
        let seed = self.seed();
        let at = seed.closure.get().cast::<u8>();
        // Release: pairs with the fence of the look from outside, as in `GRef::init`. (Its id is 0, as it is free.)
        fence(Ordering::Release);
        seed.g.blank();
        seed.g.class.store(CLASS, Ordering::Relaxed);
        let len = size_of::<F>().next_multiple_of(ALIGN);
        seed.note.store(len as u32, Ordering::Relaxed);
        // SAFETY: it fits, and the seed is ours.
        unsafe { at.cast::<F>().write(f) };
        seed.g.set_closure(entry, at);
        // Release: who reads the id sees the fields as they are since.
        seed.g.id.store(id, Ordering::Release);
        // SAFETY: a header, in memory that is never unmapped.
        unsafe { GRef::from_ptr(self.0.as_ptr().cast()) }.expect("not null")
    }

    /// The seed of a goroutine that has not begun; `None` if it has a stack.
    ///
    /// # Safety
    /// The caller has the `Runnable` of `g`, which is used up by this.
    #[inline(always)]
    pub(crate) unsafe fn of(g: GRef) -> Option<Owned> {
        if g.class() != CLASS {
            return None;
        }
        NonNull::new(g.as_ptr().cast::<Seed>()).map(Owned)
    }

    /// Who made it, and where.
    pub(crate) fn made(&self) -> (u64, Option<&'static Location<'static>>) {
        let g = &self.seed().g;
        (g.parent.load(Ordering::Relaxed), g.created_at())
    }

    /// Moves the goroutine to `to`, a new header, with the closure below that; returns where the closure begins, and
    /// the seed, which is free.
    ///
    /// # Safety
    /// It was [planted](Self::plant). `to` is the caller's, and below it is room for a closure.
    pub(crate) unsafe fn move_to(self, to: GRef) -> (Closure, Owned) {
        let seed = self.seed();
        let len = seed.note.load(Ordering::Relaxed) as usize;
        let at = (to.as_ptr() as usize - len) as *mut u8;
        // SAFETY: `len` bytes of the seed, and the room there. The closure's bytes are moved: they are not used here any
        // more.
        let closure = unsafe {
            ptr::copy_nonoverlapping(seed.closure.get().cast::<u8>(), at, len);
            seed.g.take_closure().moved_to(at)
        };
        let (from, to) = (&seed.g, &*to);
        to.parent
            .store(from.parent.load(Ordering::Relaxed), Ordering::Relaxed);
        to.origin
            .store(from.origin.load(Ordering::Relaxed), Ordering::Relaxed);
        to.created_at
            .store(from.created_at.load(Ordering::Relaxed), Ordering::Relaxed);
        to.flags
            .store(from.flags.load(Ordering::Relaxed), Ordering::Relaxed);
        to.set_status(Status::Runnable);
        to.id
            .store(from.id.load(Ordering::Relaxed), Ordering::Release);
        // Release: who sees that it is gone from here finds it there.
        from.id.store(0, Ordering::Release);
        (closure, self)
    }
}

/// Fetches the closure of a goroutine that has not begun, if it waits as a seed. A hint.
#[inline(always)]
pub(crate) fn prefetch_closure(g: GRef) {
    let at = g.as_ptr().cast::<i8>();
    arch::prefetch(at.wrapping_byte_add(std::mem::offset_of!(Seed, note)));
}

impl Seed {
    /// The next free one, as it was noted.
    pub(super) fn next(&self) -> u32 {
        self.note.load(Ordering::Relaxed)
    }

    pub(super) fn set_next(&self, next: u32) {
        self.note.store(next, Ordering::Relaxed);
    }

    /// Its header, which may be nobody's.
    pub(super) fn header(this: NonNull<Seed>) -> GRef {
        // SAFETY: the header comes first; seeds are never unmapped.
        unsafe { GRef::from_ptr(this.as_ptr().cast()) }.expect("not null")
    }
}
