//! Seeds by their numbers, and lists of free ones.

use super::seed::{Owned, Seed};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The address of the first seed; 0 before there are any. Relaxed: whatever brought a thread a seed's number brought
/// this, too.
pub(super) static BASE: AtomicUsize = AtomicUsize::new(0);

/// A seed by its number, which has been handed out.
#[inline(always)]
pub(super) fn seed(number: u32) -> NonNull<Seed> {
    let at = BASE.load(Ordering::Relaxed) + number as usize * size_of::<Seed>();
    NonNull::new(at as *mut Seed).expect("the bed is not at address 0")
}

/// The number of a seed.
#[inline(always)]
pub(super) fn number_of(seed: NonNull<Seed>) -> u32 {
    let offset = seed.as_ptr() as usize - BASE.load(Ordering::Relaxed);
    (offset / size_of::<Seed>()) as u32
}

/// Free seeds, linked through them: the first one's number and one more, or 0.
#[derive(Clone, Copy, Default)]
pub(super) struct List {
    first: u32,
    pub(super) len: u32,
}

impl List {
    pub(super) const EMPTY: List = List { first: 0, len: 0 };

    /// Puts a free one in front.
    #[inline(always)]
    pub(super) fn push(&mut self, free: Owned) {
        let seed = free.into_inner();
        // SAFETY: it was the caller's, and is the list's from now on.
        unsafe { seed.as_ref() }.set_next(self.first);
        self.first = number_of(seed) + 1;
        self.len += 1;
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Owned> {
        let first = seed(self.first.checked_sub(1)?);
        // SAFETY: it is on this list, and so ours.
        self.first = unsafe { first.as_ref() }.next();
        self.len -= 1;
        // SAFETY: off the list it is the caller's alone.
        Some(unsafe { Owned::new(first) })
    }
}
