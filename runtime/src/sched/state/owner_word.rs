//! Which P an M owns: the word in which the M says it, and how the P is taken from it.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics. The protocol, and why it is right:
//! README.md, "Taking a P from a running M".)
//!
//! ```text
//!              acquire                      tag (an examiner)
//!     0 ------------------------> p ------------------------------> p|1
//!     ^ <------------------------ |  <------------------------------ |
//!     |  release (also from p|1)         untag                       |
//!     +--------------------------------------------------------------+
//!                               take (the examiner)
//! ```
//!
//! `acquire` and `release` are the M's, inside a section. The others are an [`Examination`]'s, each a CAS from the
//! exact value: one that fails means that the M has moved on.

use crate::sys::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sys::barrier;
use crate::sys::spin::SpinLock;

/// See the [module](self). A P is known by its address, which is even and not 0.
pub(crate) struct OwnerWord {
    word: AtomicUsize,
    /// The M is in a runtime section: the P's private parts may be in use.
    inside: AtomicBool,
    /// Serialises examiners, and lets the M wait until the examination is decided.
    handoff: SpinLock,
}

impl OwnerWord {
    /// Of an M without a P, outside.
    pub(crate) fn new() -> Self {
        OwnerWord {
            word: AtomicUsize::new(0),
            inside: AtomicBool::new(false),
            handoff: SpinLock::new(),
        }
    }

    // ---------------------------------------------------------------- the M's side

    /// The M enters a section.
    #[inline(always)]
    pub(crate) fn enter(&self) {
        self.inside.store(true, Ordering::Relaxed);
        // Between the store above and the load below; pairs with `barrier::heavy` in `examine`.
        barrier::light();
        // Acquire: pairs with the Release of the examiner that has untagged the word.
        if self.word.load(Ordering::Acquire) & 1 != 0 {
            self.wait();
        }
    }

    /// The M is being examined: waits until that is over.
    #[cold]
    #[inline(never)]
    fn wait(&self) {
        loop {
            self.inside.store(false, Ordering::Release);
            self.handoff.lock();
            self.inside.store(true, Ordering::Relaxed);
            self.handoff.unlock();
            // A later examiner may have come since; the same reasoning as in `enter`.
            barrier::light();
            if self.word.load(Ordering::Acquire) & 1 == 0 {
                return;
            }
        }
    }

    /// The M leaves the section. Release: pairs with the examiner's Acquire load of `inside`.
    #[inline(always)]
    pub(crate) fn leave(&self) {
        self.inside.store(false, Ordering::Release);
    }

    /// Is it inside? For the M itself; others see what was true a moment ago.
    #[inline(always)]
    pub(crate) fn is_inside(&self) -> bool {
        self.inside.load(Ordering::Relaxed)
    }

    /// The P; 0 = none.
    #[inline(always)]
    pub(crate) fn p(&self) -> usize {
        self.word.load(Ordering::Acquire) & !1
    }

    /// The M becomes the owner of a P that has no owner. A swap: a tag that an examiner put on the value before must
    /// not survive, and its CAS back will fail. Release: pairs with the load of a thread that reads our P.
    #[inline(always)]
    pub(crate) fn acquire(&self, p: usize) {
        let old = self.word.swap(p, Ordering::AcqRel);
        debug_assert!(old & !1 == 0);
    }

    /// Gives the P up; the caller owns it now. 0: there was none.
    #[inline(always)]
    pub(crate) fn release(&self) -> usize {
        self.word.swap(0, Ordering::AcqRel) & !1
    }

    // ---------------------------------------------------------------- the examiner's side

    /// Is the M that owned `p` a moment ago outside the runtime? Then the P's private parts are the caller's as
    /// long as the result lives. `None`: it is inside, has moved on, or another thread examines it.
    pub(crate) fn examine(&self, p: usize) -> Option<Examination<'_>> {
        if !self.handoff.try_lock() {
            return None;
        }
        let tag = self
            .word
            .compare_exchange(p, p | 1, Ordering::SeqCst, Ordering::Relaxed);
        if tag.is_err() {
            self.handoff.unlock();
            return None;
        }
        // Pairs with `barrier::light` in `enter`.
        barrier::heavy();
        let examination = Examination { owner: self, p };
        // Acquire: pairs with the Release store that left the section.
        if self.inside.load(Ordering::Acquire) {
            return None;
        }
        Some(examination)
    }
}

/// The right to a P whose M is outside the runtime.
pub(crate) struct Examination<'a> {
    owner: &'a OwnerWord,
    p: usize,
}

impl Examination<'_> {
    /// Is it still so? The M may have given the P up and got it back since it was tagged, and then its next entry
    /// sees no tag. An examiner that uses the P without taking it asks first. ([`take`](Self::take) learns it from
    /// its CAS.)
    pub(crate) fn holds(&self) -> bool {
        self.owner.word.load(Ordering::Relaxed) == self.p | 1
    }

    /// Takes the P. `false`: the M has moved on.
    pub(crate) fn take(&self) -> bool {
        self.change(0, Ordering::AcqRel)
    }

    /// The untagging that follows finds another value, if this one has changed it.
    fn change(&self, to: usize, order: Ordering) -> bool {
        self.owner
            .word
            .compare_exchange(self.p | 1, to, order, Ordering::Relaxed)
            .is_ok()
    }
}

impl Drop for Examination<'_> {
    fn drop(&mut self) {
        // Release: pairs with the Acquire load in `enter`.
        self.change(self.p, Ordering::Release);
        self.owner.handoff.unlock();
    }
}
