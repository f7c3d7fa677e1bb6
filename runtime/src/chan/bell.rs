//! The bell of a select that also waits for futures: what their wakers ring.
//!
//! Futures keep their wakers, so a bell is counted, and outlives its select. It knows the select's frame only while the
//! select waits: [`Bell::around`] stands around the wait. It rings in the code that wakes the future, and then tries to
//! win the select's [`Winner`](super::winner::Winner) word like any other goroutine that serves an arm.

use super::rt::SpinMutex;
use super::winner::{Alarmed, EarlyWinner};
use std::sync::Arc;
use std::task::Wake;

/// What a future wakes.
pub(super) struct Bell(SpinMutex<State>);

#[derive(Clone, Copy)]
enum State {
    Silent,
    /// The select that waits, by the word that decides it.
    Hung(*const EarlyWinner),
    /// It rang, and the select has not looked since.
    Rung,
}

// SAFETY: the pointer in it is used only while it is hung, which is while its owner waits.
unsafe impl Send for State {}

impl Bell {
    pub(super) fn new() -> Self {
        Bell(SpinMutex::new(State::Silent))
    }

    /// Sets the state, unless `keep` accepts the old one. Returns the old one.
    fn swap(&self, new: State, keep: impl FnOnce(State) -> bool) -> State {
        let mut state = self.0.lock();
        let old = *state;
        if !keep(old) {
            *state = new;
        }
        old
    }

    /// Forgets that it rang: all futures are polled after this.
    pub(super) fn hush(&self) {
        self.swap(State::Silent, |_| false);
    }

    /// Runs `wait`, during which the bell may decide the select whose word is `winner`. `None` also if it has rung.
    pub(super) fn around<R>(
        &self,
        winner: &EarlyWinner,
        wait: impl FnOnce() -> Option<R>,
    ) -> Option<R> {
        /// However `wait` ends: from now on it does not touch the select.
        struct Hung<'a>(&'a Bell);
        impl Drop for Hung<'_> {
            fn drop(&mut self) {
                self.0.swap(State::Silent, is_rung);
            }
        }
        if is_rung(self.swap(State::Hung(winner), is_rung)) {
            return None;
        }
        let _hung = Hung(self);
        wait()
    }

    fn ring(&self) {
        let mut state = self.0.lock();
        let woken = match std::mem::replace(&mut *state, State::Rung) {
            // SAFETY: while it is hung, the word is there. The code that takes it down waits for the lock.
            State::Hung(winner) => match unsafe { (*winner).time_out() } {
                Alarmed::Parked(waiter) => Some(waiter),
                // The select will not park, or another winner has decided it.
                Alarmed::Early | Alarmed::TooLate => None,
            },
            State::Silent | State::Rung => None,
        };
        drop(state);
        if let Some(waiter) = woken {
            waiter.wake();
        }
    }
}

fn is_rung(state: State) -> bool {
    matches!(state, State::Rung)
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}
