//! What only an M's own thread touches.

use super::commit::Commit;
use super::runnable::Runnable;
use std::cell::Cell;
use std::ptr;

/// What only the M's own thread touches; reached through the proof that it is the calling one
/// ([`Mine`](super::mine::Mine)).
pub(crate) struct Own {
    /// What the scheduler runs next here, before it looks into any queue.
    pub(crate) given: Cell<Option<Runnable>>,
    /// The goroutine that left last has yielded: those in line may be next.
    pub(crate) yielded: Cell<bool>,
    /// What to do once the goroutine has left its stack.
    pub(crate) commit: Cell<Option<Commit>>,
    /// The segment that the next goroutine here may borrow, as `SegmentBox::into_raw` gives it; or null.
    pub(crate) spare: Cell<*mut ()>,
    /// The goroutine that runs here is on trial (`wake::kept_back`).
    pub(crate) on_trial: Cell<bool>,
    /// How long it waits for work before it sleeps; see `steal::linger`.
    pub(crate) patience: Cell<u32>,
    /// How far, in slots, the goroutine that was woken last lies from the one that woke it (modulo 2^32).
    pub(crate) step: Cell<u32>,
    /// The number of the next parking here.
    stamps: Cell<u64>,
}

impl Own {
    /// `first` is the number of the first parking.
    pub(super) fn new(first: u64) -> Own {
        Own {
            given: Cell::new(None),
            yielded: Cell::new(false),
            commit: Cell::new(None),
            spare: Cell::new(ptr::null_mut()),
            on_trial: Cell::new(false),
            patience: Cell::new(1),
            step: Cell::new(0),
            stamps: Cell::new(first),
        }
    }

    /// A number that no other parking of a goroutine has, on this M or another.
    #[inline(always)]
    pub(crate) fn stamp(&self) -> u64 {
        let n = self.stamps.get();
        self.stamps.set(n + 1);
        n
    }
}
