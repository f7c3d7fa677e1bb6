//! Waiting for a number of goroutines to finish (Go's `sync.WaitGroup`, `waitgroup.go`).
//!
//! One word says everything: the counter in its upper half, the number of waiters in the lower.
//! The `add` that brings the counter to zero while goroutines wait resets the word and wakes them
//! all; adding meanwhile is misuse, and detected as Go detects it.

use super::rt::{self, AtomicU32, AtomicU64, Ordering, WaitReason};
use super::sema::{At, Sema};
use std::fmt;
use std::sync::Arc;

/// Waits for goroutines to finish; a clonable handle to one counter (Go's `sync.WaitGroup`).
///
/// [`add`](Self::add) raises the counter, [`done`](Self::done) lowers it by one, and
/// [`wait`](Self::wait) blocks until it is zero. Clones share the counter. A group may be used
/// again once every `wait` has returned.
///
/// What happened before a `done` is visible after the `wait` that it released.
///
/// ```
/// use goroutines::prelude::*;
///
/// let wg = WaitGroup::new();
/// for i in 0..3 {
///     wg.add(1);
///     go!([wg], {
///         println!("worker {i}");
///         wg.done();
///     });
/// }
/// wg.wait();
/// ```
#[derive(Clone, Default)]
pub struct WaitGroup(Arc<Group>);

struct Group {
    /// Upper half: the counter, an `i32`; lower half: waiters.
    state: AtomicU64,
    sema: Sema,
    /// The bubble of `testing::synctest` in which the counter was raised from zero; 0 = none.
    bubble: AtomicU32,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            state: AtomicU64::new(0),
            sema: Sema::new(),
            bubble: AtomicU32::new(0),
        }
    }
}

/// The two halves of the word.
fn halves(state: u64) -> (i32, u32) {
    ((state >> 32) as i32, state as u32)
}

impl WaitGroup {
    /// A group whose counter is zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `delta`, which may be negative, to the counter (Go's `Add`). When the counter becomes
    /// zero, every goroutine blocked in [`wait`](Self::wait) is released.
    ///
    /// Raise the counter *before* starting what will lower it, not in the new goroutine: `wait`
    /// could come first.
    ///
    /// # Panics
    /// `sync: negative WaitGroup counter` if the counter falls below zero or leaves the range of an
    /// `i32`; `sync: WaitGroup misuse: Add called concurrently with Wait` if it is raised from zero
    /// while a goroutine waits for it to fall to zero.
    ///
    /// ```
    /// let wg = goroutines::sync::WaitGroup::new();
    /// wg.add(2);
    /// wg.done();
    /// wg.add(-1);
    /// wg.wait(); // returns at once
    /// ```
    #[track_caller]
    pub fn add(&self, delta: i64) {
        let Ok(delta) = i32::try_from(delta) else {
            negative_counter()
        };
        if rt::bubbles_exist() {
            self.0.check_bubble();
        }
        rt::give_way_if_asked();
        let change = (delta as u64) << 32;
        // Release: a waiter sees what this goroutine did. Acquire: the one that reaches zero passes
        // on what all the others did.
        let old = self.0.state.fetch_add(change, Ordering::AcqRel);
        let new = old.wrapping_add(change);
        let (counter, waiters) = halves(new);
        if counter < 0 {
            negative_counter();
        }
        if waiters == 0 || counter > 0 && counter != delta {
            return;
        }
        self.0.zero_or_misuse(new, delta);
    }

    /// Lowers the counter by one (Go's `Done`).
    ///
    /// # Panics
    /// `sync: negative WaitGroup counter` if it was zero.
    ///
    /// ```
    /// let wg = goroutines::sync::WaitGroup::new();
    /// wg.add(1);
    /// wg.done();
    /// wg.wait();
    /// ```
    #[track_caller]
    #[inline]
    pub fn done(&self) {
        self.add(-1);
    }

    /// Starts a goroutine that runs `f`, and counts it: [`add`](Self::add) now, [`done`](Self::done)
    /// when it has ended (Go's `Go`).
    ///
    /// A panic in `f` ends the process, as in any goroutine, and does not release
    /// [`wait`](Self::wait): no goroutine goes on as if `f` had finished.
    ///
    /// ```
    /// use goroutines::sync::{Mutex, WaitGroup};
    /// use std::sync::Arc;
    ///
    /// let (wg, sum) = (WaitGroup::new(), Arc::new(Mutex::new(0)));
    /// for i in 1..=4 {
    ///     let sum = sum.clone();
    ///     wg.go(move || *sum.lock() += i);
    /// }
    /// wg.wait();
    /// assert_eq!(*sum.lock(), 10);
    /// ```
    #[track_caller]
    pub fn go<F, R>(&self, f: F)
    where
        F: FnOnce() -> R + Send + 'static,
    {
        self.add(1);
        let wg = self.clone();
        rt::go(move || {
            // Dropped at the end, and by `goexit` on its way.
            let done = Done(wg);
            if let Err(panic) = rt::recover_to_resume(f) {
                std::mem::forget(done);
                panic.resume();
            }
        });
    }

    /// Blocks until the counter is zero; returns at once if it is (Go's `Wait`).
    ///
    /// # Panics
    /// `sync: WaitGroup is reused before previous Wait has returned` if the counter was raised
    /// again before this call, already released, could return.
    ///
    /// # Suspends
    /// The goroutine, while the counter is above zero.
    ///
    /// ```
    /// let wg = goroutines::sync::WaitGroup::new();
    /// wg.wait(); // nothing to wait for
    /// ```
    #[track_caller]
    pub fn wait(&self) {
        let group = &*self.0;
        rt::point();
        rt::before_block();
        let _away = rt::away();
        // Acquire: pairs with the release in `add`, here and in the exchange.
        let mut state = group.state.load(Ordering::Acquire);
        loop {
            if halves(state).0 == 0 {
                return;
            }
            match group.state.compare_exchange_weak(
                state,
                state + 1,
                Ordering::Relaxed,
                Ordering::Acquire,
            ) {
                Ok(_) => break,
                Err(now) => state = now,
            }
        }
        group.sema.acquire(group.wait_reason(), At::Back);
        if group.state.load(Ordering::Acquire) != 0 {
            panic!("sync: WaitGroup is reused before previous Wait has returned");
        }
    }
}

impl Group {
    /// The first goroutine to add decides to which bubble the group belongs, until it is back at
    /// zero without waiters; no goroutine from elsewhere may add meanwhile.
    #[cold]
    #[inline(never)]
    fn check_bubble(&self) {
        let caller = rt::current_bubble();
        if self.bubble.load(Ordering::Relaxed) == caller {
            return;
        }
        // Acquire: pairs with the `add` that left zero, so that what was stored here before is seen.
        if self.state.load(Ordering::Acquire) == 0 {
            self.bubble.store(caller, Ordering::Relaxed);
            return;
        }
        let own = self.bubble.load(Ordering::Relaxed);
        if own == caller {
            return;
        }
        if own != 0 && caller != 0 {
            rt::throw("sync: WaitGroup.Add called from multiple synctest bubbles");
        } else {
            rt::throw("sync: WaitGroup.Add called from inside and outside synctest bubble");
        }
    }

    /// Can only the waiter's own bubble end the wait?
    fn wait_reason(&self) -> WaitReason {
        let own = self.bubble.load(Ordering::Relaxed);
        if own != 0 && own == rt::current_bubble() {
            WaitReason::SyncWaitGroupWait.durable()
        } else {
            WaitReason::SyncWaitGroupWait
        }
    }

    /// A goroutine waits, and an `add(delta)` led to `state`: either the counter is zero, then all
    /// are woken, or it has just left zero, which must not happen while goroutines wait.
    #[cold]
    #[track_caller]
    fn zero_or_misuse(&self, state: u64, delta: i32) {
        let (counter, waiters) = halves(state);
        let left_zero = delta > 0 && counter == delta;
        // The word can only have moved if another goroutine adds or waits at the same time.
        let reset = || {
            self.state
                .compare_exchange(state, 0, Ordering::Release, Ordering::Relaxed)
        };
        if left_zero || reset().is_err() {
            panic!("sync: WaitGroup misuse: Add called concurrently with Wait");
        }
        for _ in 0..waiters {
            self.sema.release();
        }
    }
}

/// Calls `done` when dropped.
struct Done(WaitGroup);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.done();
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn negative_counter() -> ! {
    panic!("sync: negative WaitGroup counter")
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (counter, waiters) = halves(self.0.state.load(Ordering::Relaxed));
        f.debug_struct("WaitGroup")
            .field("counter", &counter)
            .field("waiters", &waiters)
            .finish()
    }
}
