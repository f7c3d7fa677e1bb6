//! The pause word: one word per M, by which sysmon asks that its goroutine be paused where it is,
//! and by which the two agree which of them owns the goroutine meanwhile.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics.)
//!
//! ```text
//!           ask                  pause                   take
//!    RUN ----------> ASKED ---------------> PAUSED ---------------> TAKEN
//!     ^  <---------- (sysmon)  (the M, in its   |        (sysmon)     |
//!     |   withdraw              signal handler) |                     |
//!     |<----------------------------------------+                     |
//!     |          give_up (the M, which was not taken in time)         |
//!     +---------------------------------------------------------------+
//!                resumed (the M, which was given its turn)
//! ```
//!
//! RUN, ASKED: the goroutine is its M's. PAUSED: the thread stands in the handler, and the first of the
//! two to CAS has the goroutine. TAKEN: it is sysmon's, which puts it in line; then it belongs to the M
//! that takes it from the line; that one gives its M a P and wakes it. Where others are in line
//! already, the M mostly does sysmon's part itself, in its handler: ASKED -> TAKEN (`stand_in_line`).

use crate::sys::atomic::{AtomicU32, Ordering};

const RUN: u32 = 0;
const ASKED: u32 = 1;
const PAUSED: u32 = 2;
const TAKEN: u32 = 3;

/// See the [module](self).
pub(crate) struct PauseWord(AtomicU32);

impl PauseWord {
    pub(crate) fn new() -> Self {
        PauseWord(AtomicU32::new(RUN))
    }

    /// sysmon asks. `false`: it is paused already, or has just been asked.
    pub(crate) fn ask(&self) -> bool {
        self.step(RUN, ASKED, Ordering::Relaxed)
    }

    /// sysmon does not want it any more. `false`: it is paused (or was not asked).
    pub(crate) fn withdraw(&self) -> bool {
        self.step(ASKED, RUN, Ordering::Relaxed)
    }

    /// Is nothing asked of it, and does it run? For sysmon's rounds.
    pub(crate) fn is_running(&self) -> bool {
        self.0.load(Ordering::Relaxed) == RUN
    }

    /// Is it asked to pause? For the M's handler, before it looks whether it may.
    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed) == ASKED
    }

    /// The M pauses. `false`: it is not asked any more. Release: the taker sees all that its
    /// goroutine has done.
    pub(crate) fn pause(&self) -> bool {
        self.step(ASKED, PAUSED, Ordering::Release)
    }

    /// The M gets in line itself, where there is nothing for sysmon to do. `false`: it is not asked any more. (Release: as
    /// in [`pause`](Self::pause), for the thread that looks at stopped threads.)
    pub(crate) fn stand_in_line(&self) -> bool {
        self.step(ASKED, TAKEN, Ordering::Release)
    }

    /// Does the thread stand in its handler, and may be taken?
    pub(crate) fn paused(&self) -> bool {
        self.0.load(Ordering::Relaxed) == PAUSED
    }

    /// Does the thread stand in its handler, taken or not?
    pub(crate) fn is_stopped(&self) -> bool {
        // Acquire: pairs with the Releases of `pause` and `stand_in_line`; where it stopped was noted before.
        matches!(self.0.load(Ordering::Acquire), PAUSED | TAKEN)
    }

    /// sysmon takes the paused goroutine. Acquire: pairs with [`pause`](Self::pause).
    pub(crate) fn take(&self) -> bool {
        self.step(PAUSED, TAKEN, Ordering::Acquire)
    }

    /// The M goes on, since it was not taken. `false`: it was taken, and must wait for its turn.
    pub(crate) fn give_up(&self) -> bool {
        self.step(PAUSED, RUN, Ordering::Relaxed)
    }

    /// The M has been given its turn: its wake-up, which carries the P, orders all before it.
    pub(crate) fn resumed(&self) {
        self.0.store(RUN, Ordering::Relaxed);
    }

    fn step(&self, from: u32, to: u32, order: Ordering) -> bool {
        self.0
            .compare_exchange(from, to, order, Ordering::Relaxed)
            .is_ok()
    }
}
