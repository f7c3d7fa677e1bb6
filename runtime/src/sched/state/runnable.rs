//! The right to run a goroutine, or to hand it on: at each moment there is one, and no copy.

use crate::g::{G, GRef};
use std::ops::Deref;

/// A goroutine that could run, and that nobody runs: whoever has this may queue it, hand it to another M or resume
/// it, once. (What is dropped is never run again.)
#[must_use = "the goroutine would never run again"]
#[repr(transparent)]
pub(crate) struct Runnable(GRef);

impl Runnable {
    /// # Safety
    /// The caller owns `g`, which could run: it has been made or woken just now, or gives way and has left its
    /// stack; it is in no queue, and nobody else makes this of it.
    #[inline(always)]
    pub(crate) unsafe fn new(g: GRef) -> Runnable {
        Runnable(g)
    }

    /// Which goroutine it is. That says nothing about who may run it.
    #[inline(always)]
    pub(crate) fn g(&self) -> GRef {
        self.0
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

impl Deref for Runnable {
    type Target = G;
    #[inline(always)]
    fn deref(&self) -> &G {
        &self.0
    }
}
