//! How many handles a channel has: senders in the low half of one word, receivers in the high
//! half. A handle with both directions counts in both halves.
//!
//! | event | when | what follows (`Chan::drop`) |
//! | --- | --- | --- |
//! | senders end | the low half reaches 0 | the channel reads as closed |
//! | receivers end | the high half reaches 0 | what is buffered is dropped, senders that would block are abandoned |
//! | all end at once | one two-way handle was the last of both | the channel is freed |
//!
//! A half that has reached 0 stays 0: a handle is only made from one that has the same half. So
//! each event happens once. When the two halves end at different moments, on different threads, the
//! later one must not free the channel while the earlier one still works on it: both go through
//! [`Handles::leave`], and the second to do so frees.

use super::rt::{AtomicBool, AtomicU64, Ordering};
use std::process::abort;

/// One sending handle.
pub(super) const SENDER: u64 = 1;
/// One receiving handle.
pub(super) const RECEIVER: u64 = 1 << 32;
const SENDERS: u64 = RECEIVER - 1;
/// More handles than this can only be leaked ones (`mem::forget` in a loop).
const MAX: u64 = 1 << 31;

/// The two counts, and whether one side has left already.
pub(super) struct Handles {
    counts: AtomicU64,
    one_side_left: AtomicBool,
}

/// What giving back one handle has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Released {
    /// Nothing: both sides of this handle live on in others, or had no part in it.
    Nothing,
    /// The last sender left, receivers may remain.
    Senders,
    /// The last receiver left, senders may remain.
    Receivers,
    /// This was the last handle of both sides: no other handle of the channel is left.
    All,
}

impl Handles {
    pub(super) const fn new(first: u64) -> Self {
        Handles {
            counts: AtomicU64::new(first),
            one_side_left: AtomicBool::new(false),
        }
    }

    /// Counts one more handle, made from an existing one.
    #[inline]
    pub(super) fn add(&self, handle: u64) {
        // Relaxed: a new handle is made from a live one, which keeps the channel alive meanwhile.
        let old = self.counts.fetch_add(handle, Ordering::Relaxed);
        if old & SENDERS >= MAX || old >> 32 >= MAX {
            abort(); // as `Arc` does: the alternative is a use after free
        }
    }

    /// Counts one handle less.
    ///
    /// Release: what was done through this handle happens before the side's end. Acquire: the one
    /// that ends a side sees all of that.
    #[inline]
    pub(super) fn release(&self, handle: u64) -> Released {
        let now = self.counts.fetch_sub(handle, Ordering::AcqRel) - handle;
        let senders = handle & SENDERS != 0 && now & SENDERS == 0;
        let receivers = handle >> 32 != 0 && now >> 32 == 0;
        match (senders, receivers) {
            (false, false) => Released::Nothing,
            (true, false) => Released::Senders,
            (false, true) => Released::Receivers,
            (true, true) => Released::All,
        }
    }

    /// A side has ended, and will not touch the channel any more. `true`: the other side had left
    /// before, so the caller frees the channel. AcqRel: the second sees what the first did.
    pub(super) fn leave(&self) -> bool {
        self.one_side_left.swap(true, Ordering::AcqRel)
    }

    /// Is a handle left that could receive? Acquire pairs with [`release`](Self::release).
    #[inline]
    pub(super) fn has_receivers(&self) -> bool {
        self.counts.load(Ordering::Acquire) >> 32 != 0
    }

    /// How many handles can receive.
    pub(super) fn receivers(&self) -> u64 {
        self.counts.load(Ordering::Acquire) >> 32
    }

    /// Is a handle left that could send?
    #[inline]
    pub(super) fn has_senders(&self) -> bool {
        self.counts.load(Ordering::Acquire) & SENDERS != 0
    }
}
