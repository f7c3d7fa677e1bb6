//! The slot word: eight bytes for each id (each 64 KiB of slots), in a table outside the slots, never unmapped.
//!
//! Whatever must stay readable while a slot is free, recycled or given back to the kernel lives
//! here: the free-list link, and the **park ticket** by which late wakers name one wait of one
//! goroutine (see [`sched::wake::ticket`](crate::sched::wake::ticket)). Plain threads that block get an id, and
//! so a word, of their own: ids below [`THREAD_IDS`] are threads, the others slots.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics.)
//!
//! ```text
//!  63                      27 26                 2 1   0
//! +--------------------------+--------------------+-----+
//! | ticket (37 bits)         | link or own id     |state|
//! +--------------------------+--------------------+-----+
//! ```
//!
//! State `FREE`: on a free list, with `link` the next free slot, or taken without a goroutine of its
//! own (a segment of a grown stack). State `LIVE`: a goroutine's, no ticketed wait is open. `ARMED`: a ticketed wait is open and its owner still runs. `PARKED`: the owner has left its
//! stack and may be made runnable by the thread that ends the wait. The ticket only ever grows, for as long as the
//! process lives (37 bits of waits at 50 ns each: two hours until a number comes again, and a stale waker would have to
//! hold on to exactly that one).

use crate::sys::atomic::{AtomicU64, Ordering};

/// Ids of plain threads are below this; slot ids start here. Id 0 is no waiter.
pub(crate) const THREAD_IDS: u32 = 1 << 16;
/// Bits of an id.
pub(crate) const ID_BITS: u32 = 25;

const STATE_MASK: u64 = 3;
const ID_SHIFT: u32 = 2;
const ID_MASK: u64 = ((1 << ID_BITS) - 1) << ID_SHIFT;
const TICKET_SHIFT: u32 = ID_SHIFT + ID_BITS;

const FREE: u64 = 0;
const LIVE: u64 = 1;
const ARMED: u64 = 2;
const PARKED: u64 = 3;

/// The word of one slot or thread.
#[repr(transparent)]
pub(crate) struct SlotWord(AtomicU64);

/// Names one wait: the id of the waiter and the number of the wait. Never zero. Fits a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ticket(u64);

/// What ending a wait found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Another waker ended it before, or it is long over.
    TooLate,
    /// Ended; the owner has not parked yet and will notice by itself.
    BeforePark,
    /// Ended; the owner is parked and the caller alone must make it runnable.
    Parked,
}

impl Ticket {
    /// The id of the waiter.
    pub(crate) fn id(self) -> u32 {
        ((self.0 & ID_MASK) >> ID_SHIFT) as u32
    }

    /// As bits, for a `RawWaker`'s data pointer.
    pub(crate) fn to_bits(self) -> usize {
        self.0 as usize
    }

    /// # Panics
    /// If the bits are zero, which no ticket is.
    pub(crate) fn from_bits(bits: usize) -> Ticket {
        assert_ne!(bits, 0);
        Ticket(bits as u64)
    }
}

impl SlotWord {
    #[cfg(test)]
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(FREE))
    }

    /// The next free slot. Only for the owner of the free list that this slot is on.
    #[inline]
    pub(crate) fn link(&self) -> u32 {
        ((self.0.load(Ordering::Relaxed) & ID_MASK) >> ID_SHIFT) as u32
    }

    /// Puts the slot on a free list. Only its owner calls this, with no ticketed wait open that
    /// could still matter: a stale waker's CAS may fail because of this store, never the reverse.
    #[inline]
    pub(crate) fn set_free(&self, link: u32) {
        let w = self.0.load(Ordering::Relaxed);
        self.0.store(
            w & !(ID_MASK | STATE_MASK) | (u64::from(link) << ID_SHIFT) | FREE,
            Ordering::Release,
        );
    }

    /// A goroutine (or thread) has moved in: its header is written.
    #[inline]
    pub(crate) fn set_live(&self) {
        let w = self.0.load(Ordering::Relaxed);
        self.0
            .store(w & !(ID_MASK | STATE_MASK) | LIVE, Ordering::Release);
    }

    /// Is there a goroutine? For dumps, which look from outside: the Acquire pairs with the Release
    /// of [`set_live`](Self::set_live), so that its header is seen whole.
    pub(crate) fn is_live(&self) -> bool {
        self.0.load(Ordering::Acquire) & STATE_MASK != FREE
    }

    /// The owner opens a new wait; all its older tickets are dead from here on.
    #[inline]
    pub(crate) fn open(&self, own_id: u32) -> Ticket {
        let number = (self.0.load(Ordering::Relaxed) >> TICKET_SHIFT) + 1;
        let ticket = (number << TICKET_SHIFT) | (u64::from(own_id) << ID_SHIFT);
        // A waker of the previous, abandoned wait may have changed the word since the load: its
        // change is about a wait that is over, so losing it is right.
        self.0
            .store((number << TICKET_SHIFT) | ARMED, Ordering::Release);
        Ticket(ticket)
    }

    /// The owner, having left its stack, declares itself parked. `false`: the wait was ended
    /// already. Release: pairs with the Acquire in [`end`](Self::end), so that a waker that sees
    /// `PARKED` also sees the saved context.
    #[inline]
    pub(crate) fn park(&self, t: Ticket) -> bool {
        let number = t.0 >> TICKET_SHIFT << TICKET_SHIFT;
        self.0
            .compare_exchange(
                number | ARMED,
                number | PARKED,
                Ordering::AcqRel,
                Ordering::Acquire,
            )
            .is_ok()
    }

    /// Ends the wait `t`.
    pub(crate) fn end(&self, t: Ticket) -> Ended {
        let number = t.0 >> TICKET_SHIFT << TICKET_SHIFT;
        let mut w = self.0.load(Ordering::Acquire);
        loop {
            let found = match w ^ number {
                ARMED => Ended::BeforePark,
                PARKED => Ended::Parked,
                _ => return Ended::TooLate,
            };
            match self.0.compare_exchange_weak(
                w,
                number | LIVE,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return found,
                Err(now) => w = now,
            }
        }
    }
}
