//! Who decides how a waiting `select` goes on: one word, one CAS.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics.)

use super::rt::{AtomicUsize, Ordering};

/// Which arm of a waiting `select` was chosen, or that its time is over. One CAS decides.
pub(super) struct Winner(AtomicUsize);

/// Open: who comes first wins.
const NONE: usize = usize::MAX;
/// The time is over.
const TIMED_OUT: usize = usize::MAX - 1;
/// Not open yet: the select has set its alarm, but nobody else knows it.
const EARLY: usize = usize::MAX - 2;

/// What a select's alarm came to.
pub(super) enum Alarmed {
    /// It won over a select that has not parked yet, and will not.
    Early,
    /// It won over a parked select, which is now the alarm's to wake.
    Parked,
    /// An arm was chosen before.
    TooLate,
}

impl Winner {
    /// Of a select without a deadline.
    pub(super) fn new() -> Self {
        Winner(AtomicUsize::new(NONE))
    }

    /// Of a select whose alarm may ring from now on.
    pub(super) fn early() -> Self {
        Winner(AtomicUsize::new(EARLY))
    }

    /// Chooses arm `index` unless something else was chosen before.
    ///
    /// Relaxed is enough: the word only decides *who* may touch the waiter. What the winner writes
    /// reaches the waiter through `ready`, and what the waiter wrote reached the winner through the
    /// channel's lock.
    #[inline]
    pub(super) fn claim(&self, index: usize) -> bool {
        let (ok, lost) = (Ordering::Relaxed, Ordering::Relaxed);
        self.0.compare_exchange(NONE, index, ok, lost).is_ok()
    }

    /// The select parks. `false`: the alarm has rung before.
    pub(super) fn open(&self) -> bool {
        if self.0.load(Ordering::Relaxed) == NONE {
            return true;
        }
        // Release: the alarm that wins from now on resumes us, and sees us as we are. Acquire: see `time_out`.
        let (ok, lost) = (Ordering::Release, Ordering::Acquire);
        self.0.compare_exchange(EARLY, NONE, ok, lost).is_ok()
    }

    /// The alarm rings. Release, and Acquire in whoever sees `TIMED_OUT`: in the `Early` case this is
    /// the last time that the alarm touches the select's frame. Acquire: in the `Parked` case the alarm, which
    /// holds no channel's lock, wakes the select, whose saved state it must see; pairs with [`open`](Self::open).
    pub(super) fn time_out(&self) -> Alarmed {
        loop {
            let old = self.0.load(Ordering::Relaxed);
            let won = match old {
                EARLY => Alarmed::Early,
                NONE => Alarmed::Parked,
                _ => return Alarmed::TooLate,
            };
            let (ok, lost) = (Ordering::AcqRel, Ordering::Relaxed);
            if self.0.compare_exchange(old, TIMED_OUT, ok, lost).is_ok() {
                return won;
            }
        }
    }

    pub(super) fn is_timed_out(&self) -> bool {
        self.0.load(Ordering::Acquire) == TIMED_OUT
    }

    /// The chosen arm, if one was; asked after the wait.
    pub(super) fn chosen(&self) -> Option<usize> {
        let index = self.0.load(Ordering::Relaxed);
        (index < EARLY).then_some(index)
    }
}
