//! Waiting for a condition under a lock (Go's `sync.Cond`, `cond.go` and the `notifyList` of
//! `runtime/sema.go`).
//!
//! A waiter takes its place in the queue *before* it releases the lock, so a goroutine that changes
//! the condition afterwards finds it there, and places are served in order: Go's tickets. It may be
//! notified between the two, while it still runs: then it does not go to sleep.
//!
//! The [`queue`](super::queue) has the oldest first; `next_ticket` numbers the places so that a broadcast knows
//! where to stop.

use super::MutexGuard;
use super::queue::{At, Place, Queue};
use super::rt::{Parked, Parking, SpinMutex, WaitReason, away, before_block};
use std::fmt;

struct State {
    /// The places, each with its ticket.
    queue: Queue<u64>,
    next_ticket: u64,
}

/// A place to wait for a condition to become true (Go's `sync.Cond`).
///
/// The condition is a matter of the data in a [`Mutex`](super::Mutex): look at it with the lock held,
/// and [`wait`](Self::wait) as long as it does not hold. The goroutine that changes the data calls
/// [`signal`](Self::signal), which wakes the one that has waited longest, or
/// [`broadcast`](Self::broadcast), which wakes all; with or without holding the lock.
///
/// ```
/// use goroutines::sync::{Cond, Mutex};
///
/// static READY: Mutex<bool> = Mutex::new(false);
/// static CHANGED: Cond = Cond::new();
///
/// let setter = std::thread::spawn(|| {
///     *READY.lock() = true;
///     CHANGED.signal();
/// });
/// let mut ready = READY.lock();
/// CHANGED.wait_while(&mut ready, |ready| !*ready);
/// assert!(*ready);
/// # drop(ready); setter.join().unwrap();
/// ```
pub struct Cond {
    state: SpinMutex<State>,
}

impl std::panic::UnwindSafe for Cond {}
impl std::panic::RefUnwindSafe for Cond {}

impl Default for Cond {
    fn default() -> Self {
        Self::new()
    }
}

impl Cond {
    /// A condition without waiters.
    ///
    /// ```
    /// static CHANGED: goroutines::sync::Cond = goroutines::sync::Cond::new();
    /// ```
    pub const fn new() -> Self {
        Self {
            state: SpinMutex::new(State {
                queue: Queue::new(),
                next_ticket: 0,
            }),
        }
    }

    /// Unlocks, waits to be notified, and locks again (Go's `Wait`).
    ///
    /// Nothing wakes it but [`signal`](Self::signal) and [`broadcast`](Self::broadcast); yet the
    /// condition may have changed again by the time the lock is held, so call it in a loop or use
    /// [`wait_while`](Self::wait_while).
    ///
    /// # Suspends
    /// The goroutine, until it is notified and has the lock again.
    ///
    /// ```
    /// # use goroutines::sync::{Cond, Mutex};
    /// # static N: Mutex<u32> = Mutex::new(1);
    /// # static LOWERED: Cond = Cond::new();
    /// # let t = std::thread::spawn(|| { *N.lock() = 0; LOWERED.broadcast() });
    /// let mut n = N.lock();
    /// while *n > 0 {
    ///     LOWERED.wait(&mut n);
    /// }
    /// # drop(n); t.join().unwrap();
    /// ```
    pub fn wait<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>) {
        before_block();
        let mutex = guard.raw();
        let parking = Parking::new();
        let mut state = self.state.lock();
        let place = Place::new(state.next_ticket);
        state.next_ticket += 1;
        // SAFETY: it stays where it is until it is notified, and only the queue's holder uses it.
        unsafe { state.queue.push(&place, At::Back) };
        drop(state);
        mutex.unlock();
        // Hooks are the user's code, and run with nothing locked. If we are notified meanwhile, we do not sleep.
        let away = away();
        let state = self.state.lock();
        if place.is_queued() {
            // SAFETY: it is, behind this lock.
            unsafe { place.sleep(parking, WaitReason::SyncCondWait, state) };
        } else {
            drop(state);
        }
        drop(away);
        mutex.lock();
    }

    /// [`wait`](Self::wait)s as long as `condition` holds, looking at it with the lock held each
    /// time.
    ///
    /// # Suspends
    /// The goroutine, while `condition` holds.
    ///
    /// ```
    /// # use goroutines::sync::{Cond, Mutex};
    /// let (items, added) = (Mutex::new(vec![1]), Cond::new());
    /// let mut items = items.lock();
    /// added.wait_while(&mut items, |items| items.is_empty());
    /// assert_eq!(items.pop(), Some(1));
    /// ```
    pub fn wait_while<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// Wakes the goroutine that has waited longest, if there is one (Go's `Signal`).
    ///
    /// ```
    /// goroutines::sync::Cond::new().signal(); // nobody waits: nothing happens
    /// ```
    pub fn signal(&self) {
        let notified = self.state.lock().queue.pop();
        // (One that still runs will see it.)
        if let Some(sleeper) = notified.flatten() {
            sleeper.wake();
        }
    }

    /// Wakes all goroutines that wait now (Go's `Broadcast`).
    ///
    /// ```
    /// goroutines::sync::Cond::new().broadcast(); // nobody waits: nothing happens
    /// ```
    pub fn broadcast(&self) {
        let end = self.state.lock().next_ticket;
        let mut batch = [const { None }; BATCH];
        loop {
            let more = self.state.lock().pop_before(end, &mut batch);
            for sleeper in batch.iter_mut().filter_map(Option::take) {
                sleeper.wake();
            }
            if !more {
                return;
            }
        }
    }
}

/// How many waiters a broadcast takes at a time, so that the lock is held only briefly.
const BATCH: usize = 16;

impl State {
    /// Notifies a batch at most of those with tickets below `end`. Those of them that sleep are in `batch`; may
    /// there be more?
    fn pop_before(&mut self, end: u64, batch: &mut [Option<Parked>; BATCH]) -> bool {
        for sleeper in batch {
            if self.queue.peek().is_none_or(|ticket| ticket >= end) {
                return false;
            }
            *sleeper = self.queue.pop().flatten();
        }
        true
    }
}

impl fmt::Debug for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cond").finish_non_exhaustive()
    }
}
