//! The mutual exclusion lock without data (Go's `internal/sync/mutex.go`, the same protocol).
//!
//! The word: bit 0 `LOCKED`, bit 1 `WOKEN`, bit 2 `STARVING`, above them the number of waiters.
//!
//! *Normal mode.* Waiters queue in order of arrival, but a woken one does not own the lock: it
//! competes with newcomers, which have the advantage of running already. The loser goes back to the
//! front of the queue. `WOKEN` says that a waiter is on the way (woken, or spinning), so that
//! unlocking need not wake another.
//!
//! *Starvation mode*, entered by a waiter that has waited for more than a millisecond. Unlocking
//! hands the lock to the head of the queue: `LOCKED` stays clear until that waiter runs and sets it,
//! but no other goroutine takes a lock with `STARVING` set; newcomers queue at the back and do not spin. A waiter that
//! gets the lock and is the last, or waited for less than a millisecond, ends it.
//!
//! Normal mode is far faster, for the running goroutine can take the lock many times in a row;
//! starvation mode is what bounds every goroutine's wait.

use super::rt::{self, AtomicU32, Ordering, WaitReason};
use super::sema::{At, Sema};
use std::fmt;

const LOCKED: u32 = 1;
const WOKEN: u32 = 2;
const STARVING: u32 = 4;
/// One waiter.
const WAITER: u32 = 8;
/// How long a waiter lets others pass, in nanoseconds.
const STARVATION_THRESHOLD: i64 = 1_000_000;

/// A mutual exclusion lock without data, for code that is written as in Go (`sync.Mutex` with
/// separate `Lock` and `Unlock`); [`Mutex`](super::Mutex) owns what it guards and unlocks by itself.
///
/// No goroutine owns the lock: one may lock it and another unlock it. It is not reentrant: locking
/// it twice in a row blocks for ever.
///
/// ```
/// use goroutines::sync::RawMutex;
///
/// static GATE: RawMutex = RawMutex::new();
///
/// GATE.lock();
/// assert!(!GATE.try_lock());
/// GATE.unlock();
/// ```
pub struct RawMutex {
    state: AtomicU32,
    sema: Sema,
}

impl Default for RawMutex {
    fn default() -> Self {
        Self::new()
    }
}

impl RawMutex {
    /// An unlocked lock.
    pub const fn new() -> Self {
        Self {
            state: AtomicU32::new(0),
            sema: Sema::new(),
        }
    }

    /// Locks, waiting as long as it takes (Go's `Lock`).
    ///
    /// # Suspends
    /// The goroutine, if the lock is taken.
    ///
    /// ```
    /// let m = goroutines::sync::RawMutex::new();
    /// m.lock();
    /// m.unlock();
    /// ```
    #[inline]
    pub fn lock(&self) {
        self.lock_as(WaitReason::SyncMutexLock);
    }

    #[inline]
    pub(super) fn lock_as(&self, reason: WaitReason) {
        rt::point();
        rt::give_way_if_asked();
        // Acquire: pairs with the release in `unlock`, here and in `lock_slow`.
        if self
            .state
            .compare_exchange(0, LOCKED, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            self.lock_slow(reason);
        }
    }

    /// Locks if that needs no waiting (Go's `TryLock`); fails too if a goroutine has been starving
    /// for the lock.
    ///
    /// ```
    /// let m = goroutines::sync::RawMutex::new();
    /// assert!(m.try_lock());
    /// assert!(!m.try_lock());
    /// ```
    #[inline]
    #[must_use = "the lock is held only if this is true"]
    pub fn try_lock(&self) -> bool {
        rt::give_way_if_asked();
        let old = self.state.load(Ordering::Relaxed);
        old & (LOCKED | STARVING) == 0
            && self
                .state
                .compare_exchange(old, old | LOCKED, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// Unlocks (Go's `Unlock`).
    ///
    /// # Panics
    /// Never: unlocking what is not locked ends the process with
    /// `fatal error: sync: unlock of unlocked mutex` and exit code 2.
    ///
    /// # Suspends
    /// The goroutine, if another has waited for more than a millisecond: that one runs at once.
    ///
    /// ```
    /// let m = goroutines::sync::RawMutex::new();
    /// m.lock();
    /// m.unlock();
    /// ```
    #[inline]
    pub fn unlock(&self) {
        // Release: pairs with the acquire of the goroutine that locks next.
        let old = self.state.fetch_sub(LOCKED, Ordering::Release);
        if old != LOCKED {
            self.unlock_slow(old);
        }
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self, reason: WaitReason) {
        rt::before_block();
        for _ in 0..rt::TURNS_WITH_HOOKS {
            let away = rt::away();
            self.wait(reason);
            if !away.has_hooks() {
                return;
            }
            // They are the user's code, and may want this lock.
            self.unlock();
            drop(away);
            if self.try_lock() {
                return;
            }
        }
        // Others were always faster.
        rt::with_thread(|| self.wait(reason));
    }

    /// Competes and queues until the lock is ours.
    fn wait(&self, reason: WaitReason) {
        let mut waiting_since = None;
        let mut waited = 0;
        let mut starving = false;
        let mut awoke = false;
        let mut round = 0;
        let mut old = self.state.load(Ordering::Relaxed);
        loop {
            // Not in starvation mode: there the lock goes to the queue, even if another goroutine spins.
            if old & (LOCKED | STARVING) == LOCKED && rt::can_spin(round) {
                // We come anyway, so unlocking need not wake another.
                if !awoke && old & WOKEN == 0 && old >= WAITER {
                    awoke = self.exchange(old, old | WOKEN).is_ok();
                }
                rt::spin();
                round += 1;
                old = self.state.load(Ordering::Relaxed);
                continue;
            }
            let free = old & (LOCKED | STARVING) == 0;
            let mut new = if old & STARVING == 0 {
                old | LOCKED
            } else {
                old
            };
            if !free {
                new += WAITER;
            }
            // Unlocking in starvation mode expects a waiter, so only with the lock held.
            if starving && old & LOCKED != 0 {
                new |= STARVING;
            }
            if awoke {
                debug_assert!(new & WOKEN != 0, "inconsistent mutex state");
                new &= !WOKEN;
            }
            if let Err(now) = self.exchange(old, new) {
                old = now;
                continue;
            }
            if free {
                break;
            }
            let at = if waiting_since.is_some() {
                At::Front
            } else {
                At::Back
            };
            let since = *waiting_since.get_or_insert_with(rt::nanotime);
            self.sema.acquire(reason, at);
            waited = rt::nanotime() - since;
            starving = starving || waited > STARVATION_THRESHOLD;
            old = self.state.load(Ordering::Relaxed);
            if old & STARVING != 0 {
                self.accept(old, starving);
                break;
            }
            awoke = true;
            round = 0;
        }
        if waited > 0 {
            rt::count_lock_wait(waited);
        }
    }

    /// The lock was handed to us in starvation mode: we are still counted as a waiter, and `LOCKED`
    /// is not set yet. Only we may change that, so an addition does.
    fn accept(&self, old: u32, starving: bool) {
        debug_assert!(
            old & (LOCKED | WOKEN) == 0 && old >= WAITER,
            "inconsistent mutex state"
        );
        let mut delta = LOCKED.wrapping_sub(WAITER);
        if !starving || old & !(WAITER - 1) == WAITER {
            delta = delta.wrapping_sub(STARVING);
        }
        self.state.fetch_add(delta, Ordering::Acquire);
    }

    #[cold]
    #[inline(never)]
    fn unlock_slow(&self, before: u32) {
        if before & LOCKED == 0 {
            rt::throw("sync: unlock of unlocked mutex");
        }
        let mut old = before - LOCKED;
        if old & STARVING != 0 {
            self.sema.release();
            // The waiter owns the lock already: let it run now, in our time slice, instead of
            // queueing up behind it with all others.
            rt::hand_off();
            return;
        }
        // No goroutine waits, or one is on the way, or has the lock already: then waking another is
        // its job.
        while old >= WAITER && old & (LOCKED | WOKEN | STARVING) == 0 {
            match self.exchange(old, (old - WAITER) | WOKEN) {
                Ok(_) => return self.sema.release(),
                Err(now) => old = now,
            }
        }
    }

    fn exchange(&self, old: u32, new: u32) -> Result<u32, u32> {
        self.state
            .compare_exchange_weak(old, new, Ordering::Acquire, Ordering::Relaxed)
    }

    /// Whether a goroutine holds the lock, or is about to by hand-off; by the time you know, it may have changed.
    pub(super) fn is_locked(&self) -> bool {
        self.state.load(Ordering::Relaxed) & (LOCKED | STARVING) != 0
    }
}

impl fmt::Debug for RawMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMutex")
            .field("locked", &self.is_locked())
            .finish()
    }
}
