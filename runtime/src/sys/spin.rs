//! A one-byte spinlock for critical sections of a few dozen instructions, and what it guards.
//!
//! Locking is one swap, unlocking one plain store. Under contention a thread spins about a hundred
//! pauses, then lets the kernel run another thread, then naps: a holder that lost its CPU is waited
//! for without burning one, and unlocking never needs a system call.
//!
//! Its holder is counted in [`locks`](super::locks), and so not paused while it holds it.
//!
//! Rules: no user code (`Drop`, `Clone`, closures), no allocation and no wake-up while it is held,
//! and no suspension of the goroutine, except by [`park_unlock`](crate::sched::wake::park::park_unlock),
//! which releases the lock after the goroutine's stack has been left.

use super::locks;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
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

/// A value that is reached under a spinlock only. The rules are those of the [module](self).
#[derive(Default)]
pub(crate) struct SpinMutex<T> {
    lock: SpinLock,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by the lock's holder only.
unsafe impl<T: Send> Sync for SpinMutex<T> {}

impl<T> SpinMutex<T> {
    /// A free one.
    pub(crate) const fn new(value: T) -> Self {
        SpinMutex {
            lock: SpinLock::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the lock.
    #[inline(always)]
    pub(crate) fn lock(&self) -> SpinGuard<'_, T> {
        self.lock.lock();
        SpinGuard {
            mutex: self,
            thread: PhantomData,
        }
    }

    /// Takes the lock if it is free.
    pub(crate) fn try_lock(&self) -> Option<SpinGuard<'_, T>> {
        self.lock.try_lock().then(|| SpinGuard {
            mutex: self,
            thread: PhantomData,
        })
    }
}

/// The lock, held; given back when dropped. Stays on its thread.
pub(crate) struct SpinGuard<'a, T> {
    mutex: &'a SpinMutex<T>,
    thread: PhantomData<*const ()>,
}

impl<'a, T> SpinGuard<'a, T> {
    /// The lock without its guard: the code that takes it gives it back.
    #[inline(always)]
    pub(crate) fn into_lock(self) -> &'a SpinLock {
        &ManuallyDrop::new(self).mutex.lock
    }
}

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the guard holds the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard holds the lock, and is borrowed mutably.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.mutex.lock.unlock();
    }
}
