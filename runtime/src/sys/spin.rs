//! A one-byte spinlock for critical sections of a few dozen instructions.
//!
//! Locking is one swap, unlocking one plain store. Under contention a thread spins about a hundred
//! pauses, then lets the kernel run somebody else, then naps: a holder that lost its CPU is waited
//! for without burning one, and unlocking never needs a system call.
//!
//! Its holder is counted in [`locks`](super::locks), and so not paused while it holds it.
//!
//! Rules: no user code (`Drop`, `Clone`, closures), no allocation and no wake-up while it is held,
//! and no suspension of the goroutine, except by [`park_unlock`](crate::sched::park_unlock),
//! which releases the lock after the goroutine's stack has been left.

use super::locks;
use std::sync::atomic::{AtomicBool, Ordering};

/// The lock byte. `false` = free.
#[derive(Default)]
pub(crate) struct SpinLock(AtomicBool);

impl SpinLock {
    /// A free lock.
    pub(crate) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Takes the lock. Acquire: pairs with the Release store in [`unlock`](Self::unlock).
    #[inline(always)]
    pub(crate) fn lock(&self) {
        locks::enter();
        if self.0.swap(true, Ordering::Acquire) {
            self.lock_contended();
        }
    }

    /// Takes the lock if it is free.
    #[inline(always)]
    pub(crate) fn try_lock(&self) -> bool {
        if self.0.load(Ordering::Relaxed) {
            return false;
        }
        locks::enter();
        if self.0.swap(true, Ordering::Acquire) {
            locks::leave();
            return false;
        }
        true
    }

    /// Gives the lock back. Only its holder may call this, on the thread that took it.
    #[inline(always)]
    pub(crate) fn unlock(&self) {
        self.0.store(false, Ordering::Release);
        locks::leave();
    }

    #[cold]
    #[inline(never)]
    fn lock_contended(&self) {
        let mut pauses = 1u32;
        let mut round = 0u32;
        loop {
            // Ever longer between two looks: the holder then does several operations in a row while
            // the lock's line is in its cache.
            for _ in 0..pauses {
                std::hint::spin_loop();
            }
            if !self.0.load(Ordering::Relaxed) && !self.0.swap(true, Ordering::Acquire) {
                return;
            }
            round += 1;
            if round < 12 {
                pauses = (2 * pauses).min(64);
            } else if round < 24 {
                std::thread::yield_now();
            } else {
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
        }
    }
}
