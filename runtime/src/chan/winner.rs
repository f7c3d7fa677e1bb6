//! What decides how a waiting `select` goes on: one word, one CAS.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics.)

use super::rt::{AtomicUsize, Ordering, Parked, Waiter};
use std::marker::PhantomData;
use std::ops::Deref;

/// Which arm of a waiting `select` was chosen, or that its time is over. One CAS decides. The
/// caller that makes the word is the one that parks.
pub(super) struct Winner {
    word: AtomicUsize,
    waiter: Waiter,
    /// It is about the goroutine or thread that made it.
    stays: PhantomData<*const ()>,
}

/// Open: the first to come wins.
const NONE: usize = usize::MAX;
/// The time is over.
const TIMED_OUT: usize = usize::MAX - 1;
/// Not open yet: the select has set its alarm, but no other goroutine knows the word.
const EARLY: usize = usize::MAX - 2;

/// What a select's alarm came to.
pub(super) enum Alarmed {
    /// It won over a select that has not parked yet, and will not.
    Early,
    /// It won over a parked select, which is now the alarm's to wake.
    Parked(Parked),
    /// An arm was chosen before.
    TooLate,
}

/// The word of a select whose alarm may ring from now on, before it has parked.
pub(super) struct EarlyWinner(Winner);

impl Deref for EarlyWinner {
    type Target = Winner;
    fn deref(&self) -> &Winner {
        &self.0
    }
}

impl EarlyWinner {
    /// As [`Winner::new`].
    #[inline]
    pub(super) fn new() -> Self {
        EarlyWinner(Winner::with(EARLY))
    }

    /// The alarm rings. Release, and Acquire in the thread that sees `TIMED_OUT`: in the `Early` case this is the
    /// last time that the alarm touches the select's frame. Acquire: in the `Parked` case the alarm, which holds no
    /// channel's lock, wakes the select, whose saved state it must see; pairs with [`open`](Winner::open).
    pub(super) fn time_out(&self) -> Alarmed {
        loop {
            let old = self.word.load(Ordering::Relaxed);
            if old < EARLY || old == TIMED_OUT {
                return Alarmed::TooLate;
            }
            // Copied before it may go.
            let waiter = self.waiter;
            let (ok, lost) = (Ordering::AcqRel, Ordering::Relaxed);
            if self.word.compare_exchange(old, TIMED_OUT, ok, lost).is_ok() {
                return match old {
                    EARLY => Alarmed::Early,
                    // SAFETY: it was open, so its owner has left its stack and waits; and only the thread that
                    // changes the word from that wakes it.
                    _ => Alarmed::Parked(unsafe { Parked::new(waiter) }),
                };
            }
        }
    }

    pub(super) fn is_timed_out(&self) -> bool {
        self.word.load(Ordering::Acquire) == TIMED_OUT
    }
}

impl Winner {
    /// Of a select without a deadline. With nothing locked: on a plain thread it may boot the runtime.
    #[inline]
    pub(super) fn new() -> Self {
        Self::with(NONE)
    }

    #[inline]
    fn with(word: usize) -> Self {
        Winner {
            word: AtomicUsize::new(word),
            waiter: Waiter::current(),
            stays: PhantomData,
        }
    }

    /// The waiter that it belongs to.
    #[inline]
    pub(super) fn waiter(&self) -> Waiter {
        self.waiter
    }

    /// Chooses arm `index` unless something else was chosen before.
    ///
    /// Relaxed is enough: the word only decides *which thread* may touch the waiter. What the
    /// winner writes reaches the waiter through `ready`, and what the waiter wrote reached the
    /// winner through the channel's lock.
    ///
    /// # Safety
    /// The caller has taken the arm's sudog out of its queue. If it wins, it fills that in and wakes the waiter.
    #[inline]
    pub(super) unsafe fn claim(&self, index: usize) -> bool {
        let (ok, lost) = (Ordering::Relaxed, Ordering::Relaxed);
        self.word.compare_exchange(NONE, index, ok, lost).is_ok()
    }

    /// The select parks. `false`: the alarm has rung before.
    ///
    /// # Safety
    /// In the commit of a park of the waiter, which does not wait if this is `false`.
    pub(super) unsafe fn open(&self) -> bool {
        if self.word.load(Ordering::Relaxed) == NONE {
            return true;
        }
        // Release: the alarm that wins from now on resumes us, and sees us as we are. Acquire: see `time_out`.
        let (ok, lost) = (Ordering::Release, Ordering::Acquire);
        self.word.compare_exchange(EARLY, NONE, ok, lost).is_ok()
    }

    /// The chosen arm, if one was; asked after the wait.
    pub(super) fn chosen(&self) -> Option<usize> {
        let index = self.word.load(Ordering::Relaxed);
        (index < EARLY).then_some(index)
    }
}
