//! The right to run a goroutine, or to hand it on: at each moment there is one, and no copy.

use crate::g::{G, GRef, seed};
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A goroutine that could run, and that no M runs: the holder of this may queue it, hand it to another M or resume
/// it, once. (What is dropped is never run again.)
#[must_use = "the goroutine would never run again"]
#[repr(transparent)]
pub(crate) struct Runnable(GRef);

impl Runnable {
    /// # Safety
    /// The caller owns `g`, which could run: it has been made or woken just now, or gives way and has left its
    /// stack; it is in no queue, and no other code makes a `Runnable` of it.
    #[inline(always)]
    pub(crate) unsafe fn new(g: GRef) -> Runnable {
        Runnable(g)
    }

    /// Which goroutine it is. That says nothing about which M may run it.
    #[inline(always)]
    pub(crate) fn g(&self) -> GRef {
        self.0
    }

    /// What it waits as if it has not begun and has no stack; else where it lies. The caller runs it next.
    #[inline(always)]
    pub(crate) fn into_seed(self) -> Result<seed::Owned, GRef> {
        // SAFETY: this is the right to it, which is used up.
        unsafe { seed::Owned::of(self.0) }.ok_or(self.0)
    }

    /// As a pointer, for a word that holds it from now on.
    #[inline(always)]
    pub(super) fn into_raw(self) -> *mut G {
        self.0.as_ptr()
    }

    /// # Safety
    /// From [`into_raw`](Self::into_raw), and taken out of its word just now; or null.
    #[inline(always)]
    pub(super) unsafe fn from_raw(g: *mut G) -> Option<Runnable> {
        // SAFETY: by the caller.
        unsafe { GRef::from_ptr(g) }.map(Runnable)
    }
}

/// A place where one is left for another thread.
pub(super) struct Left(AtomicPtr<G>);

impl Left {
    pub(super) const fn none() -> Left {
        Left(AtomicPtr::new(ptr::null_mut()))
    }

    /// Leaves `g`, and takes what was there. AcqRel: who takes one sees it as it was left.
    pub(super) fn replace(&self, g: Option<Runnable>) -> Option<Runnable> {
        let new = g.map_or(ptr::null_mut(), Runnable::into_raw);
        let before = self.0.swap(new, Ordering::AcqRel);
        // SAFETY: this alone puts one there, and it has been taken out just now.
        unsafe { Runnable::from_raw(before) }
    }
}

impl Deref for Runnable {
    type Target = G;
    #[inline(always)]
    fn deref(&self) -> &G {
        &self.0
    }
}
