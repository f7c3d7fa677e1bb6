//! A reader/writer lock that owns what it guards (Go's `sync.RWMutex`); the protocol is in
//! `raw_rwmutex.rs`.

use super::RawRWMutex;
use std::cell::UnsafeCell;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A lock around a value for many readers or one writer (Go's `sync.RWMutex` and the data beside
/// it).
///
/// A waiting writer keeps new readers out, so readers cannot starve it; for that reason a goroutine
/// that reads must not ask for a second read guard: if a writer comes in between, both wait for
/// ever. A writer that leaves lets in all readers that waited. Never poisoned.
///
/// ```
/// use goroutines::sync::RWMutex;
///
/// static LIMITS: RWMutex<Vec<u32>> = RWMutex::new(Vec::new());
///
/// LIMITS.write().push(7);
/// let (a, b) = (LIMITS.read(), LIMITS.try_read().unwrap());
/// assert_eq!(a[0] + b[0], 14);
/// ```
#[derive(Default)]
pub struct RWMutex<T: ?Sized> {
    raw: RawRWMutex,
    value: UnsafeCell<T>,
}

// SAFETY: the value moves with its lock.
unsafe impl<T: ?Sized + Send> Send for RWMutex<T> {}
// SAFETY: readers on several threads share the value, a writer has it alone.
unsafe impl<T: ?Sized + Send + Sync> Sync for RWMutex<T> {}

impl<T: ?Sized> std::panic::UnwindSafe for RWMutex<T> {}
impl<T: ?Sized> std::panic::RefUnwindSafe for RWMutex<T> {}

impl<T> RWMutex<T> {
    /// An unlocked lock around `value`.
    ///
    /// ```
    /// static RATE: goroutines::sync::RWMutex<f64> = goroutines::sync::RWMutex::new(1.0);
    /// *RATE.write() = 2.0;
    /// ```
    pub const fn new(value: T) -> Self {
        Self {
            raw: RawRWMutex::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the value out of a lock that no other goroutine can reach.
    ///
    /// ```
    /// assert_eq!(goroutines::sync::RWMutex::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> RWMutex<T> {
    /// Locks for reading, together with other readers (Go's `RLock`); dropping the guard unlocks.
    ///
    /// # Suspends
    /// The goroutine, if a writer has the lock or waits for it.
    ///
    /// ```
    /// let m = goroutines::sync::RWMutex::new(1);
    /// assert_eq!(*m.read(), 1);
    /// ```
    #[doc(alias = "rlock")]
    #[inline]
    pub fn read(&self) -> RWMutexReadGuard<'_, T> {
        self.raw.rlock();
        RWMutexReadGuard { lock: self }
    }

    /// Locks for reading if that needs no waiting (Go's `TryRLock`).
    ///
    /// ```
    /// let m = goroutines::sync::RWMutex::new(1);
    /// let writing = m.write();
    /// assert!(m.try_read().is_none());
    /// ```
    #[inline]
    pub fn try_read(&self) -> Option<RWMutexReadGuard<'_, T>> {
        if !self.raw.try_rlock() {
            return None;
        }
        Some(RWMutexReadGuard { lock: self })
    }

    /// Locks for writing, alone (Go's `Lock`); dropping the guard unlocks and lets in the readers
    /// that wait.
    ///
    /// # Suspends
    /// The goroutine, if the lock is held; and where the guard is dropped, if another writer has
    /// waited for more than a millisecond: that one runs at once.
    ///
    /// ```
    /// let m = goroutines::sync::RWMutex::new(1);
    /// *m.write() += 1;
    /// assert_eq!(*m.read(), 2);
    /// ```
    #[doc(alias = "lock")]
    #[inline]
    pub fn write(&self) -> RWMutexWriteGuard<'_, T> {
        self.raw.lock();
        RWMutexWriteGuard { lock: self }
    }

    /// Locks for writing if that needs no waiting (Go's `TryLock`).
    ///
    /// ```
    /// let m = goroutines::sync::RWMutex::new(1);
    /// let reading = m.read();
    /// assert!(m.try_write().is_none());
    /// ```
    #[inline]
    pub fn try_write(&self) -> Option<RWMutexWriteGuard<'_, T>> {
        if !self.raw.try_lock() {
            return None;
        }
        Some(RWMutexWriteGuard { lock: self })
    }

    /// The value, without locking: `&mut` proves that no other goroutine can reach it.
    ///
    /// ```
    /// let mut m = goroutines::sync::RWMutex::new(1);
    /// *m.get_mut() = 2;
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T> From<T> for RWMutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RWMutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut d = f.debug_struct("RWMutex");
        match self.try_read() {
            Some(guard) => d.field("value", &&*guard),
            None => d.field("value", &format_args!("<locked>")),
        };
        d.finish()
    }
}

/// The right to read what an [`RWMutex`] guards; unlocks when dropped.
#[must_use = "dropping the guard unlocks at once"]
pub struct RWMutexReadGuard<'a, T: ?Sized> {
    lock: &'a RWMutex<T>,
}

/// The right to read and write what an [`RWMutex`] guards; unlocks when dropped.
#[must_use = "dropping the guard unlocks at once"]
pub struct RWMutexWriteGuard<'a, T: ?Sized> {
    lock: &'a RWMutex<T>,
}

// SAFETY: the lock belongs to no thread, and a read guard gives only `&T`.
unsafe impl<T: ?Sized + Sync> Send for RWMutexReadGuard<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for RWMutexReadGuard<'_, T> {}
// SAFETY: the lock belongs to no thread; what the guard gives is a `&mut T`, which needs `T: Send`.
unsafe impl<T: ?Sized + Send> Send for RWMutexWriteGuard<'_, T> {}
// SAFETY: a shared guard gives a `&T`, which needs `T: Sync`.
unsafe impl<T: ?Sized + Sync> Sync for RWMutexWriteGuard<'_, T> {}

impl<T: ?Sized> Deref for RWMutexReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: we hold the lock for reading, so no goroutine writes.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> Deref for RWMutexWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: we hold the lock alone.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for RWMutexWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: we hold the lock alone, and the guard is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for RWMutexReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.runlock();
    }
}

impl<T: ?Sized> Drop for RWMutexWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.raw.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RWMutexReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RWMutexWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
