//! Waiting for a condition under a lock (Go's `sync.Cond`, `cond.go` and the `notifyList` of
//! `runtime/sema.go`).
//!
//! A waiter takes its place in the queue *before* it releases the lock, so whoever changes the
//! condition afterwards finds it there, and places are served in order: Go's tickets. It may be
//! notified between the two, while it still runs: then it does not go to sleep.
//!
//! Invariants, kept under `lock`: a node lives on its waiter's stack and is linked until it is
//! notified; a node whose waiter is not `asleep` may vanish as soon as the lock is released after
//! notifying it, one that is asleep stays until its waiter is made ready. `front`/`back` is the
//! queue, oldest first; `next_ticket` numbers the places so that a broadcast knows where to stop.

use super::MutexGuard;
use super::rt::{SpinMutex, WaitReason, Waiter, away, before_block, park_unlock, ready};
use std::fmt;
use std::ptr;

struct Node {
    waiter: Waiter,
    ticket: u64,
    /// The waiter has gone to sleep, so notifying it means waking it.
    asleep: bool,
    notified: bool,
    next: *mut Node,
}

struct Queue {
    front: *mut Node,
    back: *mut Node,
    next_ticket: u64,
}

/// A place to wait for a condition to become true (Go's `sync.Cond`).
///
/// The condition is a matter of the data in a [`Mutex`](super::Mutex): look at it with the lock held,
/// and [`wait`](Self::wait) as long as it does not hold. Whoever changes the data calls
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
    queue: SpinMutex<Queue>,
}

// SAFETY: the nodes it points to outlive their being linked, and are touched under the lock only.
unsafe impl Send for Queue {}

impl std::panic::UnwindSafe for Cond {}
impl std::panic::RefUnwindSafe for Cond {}

impl Default for Cond {
    fn default() -> Self {
        Self::new()
    }
}

impl Cond {
    /// A condition nobody waits for.
    ///
    /// ```
    /// static CHANGED: goroutines::sync::Cond = goroutines::sync::Cond::new();
    /// ```
    pub const fn new() -> Self {
        Self {
            queue: SpinMutex::new(Queue {
                front: ptr::null_mut(),
                back: ptr::null_mut(),
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
        let _away = away();
        let mutex = guard.raw();
        let mut node = Node {
            waiter: Waiter::current(),
            ticket: 0,
            asleep: false,
            notified: false,
            next: ptr::null_mut(),
        };
        let node = &raw mut node;
        self.queue.lock().push(node);
        mutex.unlock();
        let queue = self.queue.lock();
        // SAFETY: our node, on this stack; linked nodes are touched under the lock only, which we hold.
        let sleeps = unsafe {
            (*node).asleep = !(*node).notified;
            (*node).asleep
        };
        if sleeps {
            park_unlock(WaitReason::SyncCondWait, queue);
        } else {
            drop(queue);
        }
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
        let woken = self.queue.lock().pop();
        if let Some(Popped::Asleep(waiter)) = woken {
            // SAFETY: we took it out of the queue under the lock that its park released.
            unsafe { ready(waiter) };
        }
    }

    /// Wakes everybody who waits now (Go's `Broadcast`).
    ///
    /// ```
    /// goroutines::sync::Cond::new().broadcast(); // nobody waits: nothing happens
    /// ```
    pub fn broadcast(&self) {
        let end = self.queue.lock().next_ticket;
        let mut batch = [const { None }; BATCH];
        loop {
            let (len, more) = self.queue.lock().pop_before(end, &mut batch);
            for waiter in batch[..len].iter_mut().filter_map(Option::take) {
                // SAFETY: we took it out of the queue under the lock that its park released.
                unsafe { ready(waiter) };
            }
            if !more {
                return;
            }
        }
    }
}

/// How many waiters a broadcast takes at a time, so that the lock is held shortly.
const BATCH: usize = 16;

/// A waiter that was notified.
enum Popped {
    /// It sleeps: wake it.
    Asleep(Waiter),
    /// It still runs and will see.
    Running,
}

impl Queue {
    fn push(&mut self, node: *mut Node) {
        // SAFETY: linked nodes are valid (the invariant), and `node` is the caller's.
        unsafe {
            (*node).ticket = self.next_ticket;
            if self.front.is_null() {
                self.front = node;
            } else {
                (*self.back).next = node;
            }
        }
        self.next_ticket += 1;
        self.back = node;
    }

    fn pop(&mut self) -> Option<Popped> {
        let node = self.front;
        if node.is_null() {
            return None;
        }
        // SAFETY: linked nodes are valid until notified and the lock released.
        unsafe {
            self.front = (*node).next;
            (*node).notified = true;
            Some(if (*node).asleep {
                Popped::Asleep((*node).waiter)
            } else {
                Popped::Running
            })
        }
    }

    /// Notifies waiters with tickets below `end`, a batch at most; how many of them sleep, and
    /// whether there may be more.
    fn pop_before(&mut self, end: u64, batch: &mut [Option<Waiter>; BATCH]) -> (usize, bool) {
        let mut len = 0;
        for _ in 0..BATCH {
            // SAFETY: linked nodes are valid.
            if self.front.is_null() || unsafe { (*self.front).ticket } >= end {
                return (len, false);
            }
            if let Some(Popped::Asleep(waiter)) = self.pop() {
                batch[len] = Some(waiter);
                len += 1;
            }
        }
        (len, true)
    }
}

impl fmt::Debug for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cond").finish_non_exhaustive()
    }
}
