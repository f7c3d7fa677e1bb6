//! A counting semaphore on which goroutines and threads sleep: what Go's `sema.go` gives its locks.
//!
//! Invariants, all kept under the lock:
//! * `permits > 0` only while no goroutine is queued: a release gives its permit straight to the
//!   head of the queue, and stores it only if the queue is empty.
//! * A place lies in its owner's frame, and is queued from before the park until it is popped.
//!
//! The owner of the semaphore keeps it until both calls have returned, for both borrow it.
//!
//! Used by every lock of this folder; Go keeps these queues in a global table hashed by address,
//! here they are part of the lock, so two locks never contend for one bucket.

pub(super) use super::queue::At;
use super::queue::{Place, Queue};
use super::rt::{Parking, SpinMutex, WaitReason};

struct State {
    permits: u32,
    queue: Queue<()>,
}

/// Counting semaphore; see the file's header.
pub(super) struct Sema {
    state: SpinMutex<State>,
}

impl std::panic::UnwindSafe for Sema {}
impl std::panic::RefUnwindSafe for Sema {}

impl Sema {
    /// No permits, no waiters.
    pub(super) const fn new() -> Self {
        Self {
            state: SpinMutex::new(State {
                permits: 0,
                queue: Queue::new(),
            }),
        }
    }

    /// Takes a permit, sleeping until there is one.
    pub(super) fn acquire(&self, reason: WaitReason, at: At) {
        let parking = Parking::new();
        let place = Place::new(());
        let mut state = self.state.lock();
        if state.permits > 0 {
            state.permits -= 1;
            return;
        }
        // SAFETY: it stays where it is until we are woken, and only the queue's holder uses it.
        unsafe {
            state.queue.push(&place, at);
            place.sleep(parking, reason, state);
        }
    }

    /// Gives a permit: to the head of the queue, which is made runnable, or to the goroutine that comes next.
    pub(super) fn release(&self) {
        let mut state = self.state.lock();
        let Some(sleeper) = state.queue.pop().flatten() else {
            state.permits += 1;
            return;
        };
        drop(state);
        sleeper.wake();
    }
}
