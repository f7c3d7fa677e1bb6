//! The bell of a select that also waits for futures: what their wakers ring.
//!
//! Futures keep their wakers, so a bell is counted, and outlives its select. It knows the select's frame only
//! while that waits: [`Bell::hang`] and [`Bell::take_down`] stand around the wait. It rings in whoever wakes
//! the future, and then tries to win the select's [`Winner`] word like anybody who serves an arm.

use super::rt::{SpinLock, Waiter, ready};
use super::winner::{Alarmed, Winner};
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::task::Wake;

/// What a future wakes.
pub(super) struct Bell {
    lock: SpinLock,
    state: UnsafeCell<State>,
}

#[derive(Clone, Copy)]
enum State {
    Silent,
    /// The select that waits, and the word by which it is decided.
    Hung(*const Winner, Waiter),
    /// It rang, and nobody has looked since.
    Rung,
}

// SAFETY: the state is used under the lock only.
unsafe impl Sync for Bell {}
// SAFETY: the pointer in it is used only while it is hung, which is while its owner waits.
unsafe impl Send for Bell {}

impl Bell {
    pub(super) fn new() -> Self {
        Bell {
            lock: SpinLock::new(),
            state: UnsafeCell::new(State::Silent),
        }
    }

    /// Sets the state, unless `keep` is for the old one, which is returned.
    fn swap(&self, new: State, keep: impl FnOnce(State) -> bool) -> State {
        self.lock.lock();
        // SAFETY: locked.
        let old = unsafe { *self.state.get() };
        if !keep(old) {
            // SAFETY: locked.
            unsafe { *self.state.get() = new };
        }
        self.lock.unlock();
        old
    }

    /// Forgets that it rang: all futures are polled after this.
    pub(super) fn hush(&self) {
        self.swap(State::Silent, |_| false);
    }

    /// From now on it may decide the select. `false`: it has rung.
    ///
    /// # Safety
    /// `winner` stays until [`take_down`](Self::take_down) has returned.
    pub(super) unsafe fn hang(&self, winner: *const Winner, waiter: Waiter) -> bool {
        let rung = |old| matches!(old, State::Rung);
        !rung(self.swap(State::Hung(winner, waiter), rung))
    }

    /// From now on it does not touch the select.
    pub(super) fn take_down(&self) {
        self.swap(State::Silent, |old| matches!(old, State::Rung));
    }

    fn ring(&self) {
        self.lock.lock();
        // SAFETY: locked; while it is hung, the word is there. Who takes it down waits for the lock.
        let woken = unsafe {
            match self.state.get().replace(State::Rung) {
                State::Hung(winner, waiter) => match (*winner).time_out() {
                    Alarmed::Parked => Some(waiter),
                    // It will not park, or was chosen otherwise.
                    Alarmed::Early | Alarmed::TooLate => None,
                },
                State::Silent | State::Rung => None,
            }
        };
        self.lock.unlock();
        if let Some(waiter) = woken {
            // SAFETY: the word, which we have won, gives us the right; nothing is locked.
            unsafe { ready(waiter) };
        }
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
