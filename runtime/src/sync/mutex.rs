//! A lock that owns what it guards (Go's `sync.Mutex`); the protocol is in `raw_mutex.rs`.

use super::RawMutex;
use std::cell::UnsafeCell;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A mutual exclusion lock around a value (Go's `sync.Mutex` and the data beside it).
///
/// As Go's: fair after a millisecond (a goroutine that has waited that long is handed the lock), not
/// reentrant, never poisoned: if the holder panics, the lock is released and the next one sees the
/// value as it was left.
///
/// The guard may be held over calls that block, and may be sent to and dropped by another goroutine
/// if the value may.
///
/// ```
/// use goroutines::sync::Mutex;
///
/// static COUNTER: Mutex<u64> = Mutex::new(0);
///
/// std::thread::scope(|s| {
///     for _ in 0..4 {
///         s.spawn(|| *COUNTER.lock() += 1);
///     }
/// });
/// assert_eq!(*COUNTER.lock(), 4);
/// ```
#[derive(Default)]
pub struct Mutex<T: ?Sized> {
    raw: RawMutex,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by one goroutine at a time, on whichever thread it runs.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T: ?Sized> std::panic::UnwindSafe for Mutex<T> {}
impl<T: ?Sized> std::panic::RefUnwindSafe for Mutex<T> {}

impl<T> Mutex<T> {
    /// An unlocked lock around `value`.
    ///
    /// ```
    /// static NAMES: goroutines::sync::Mutex<Vec<String>> = goroutines::sync::Mutex::new(Vec::new());
    /// NAMES.lock().push("gopher".into());
    /// ```
    pub const fn new(value: T) -> Self {
        Self {
            raw: RawMutex::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the value out of a lock that no other goroutine can reach.
    ///
    /// ```
    /// assert_eq!(goroutines::sync::Mutex::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks, waiting as long as it takes (Go's `Lock`); dropping the guard unlocks.
    ///
    /// Locking again while holding the guard blocks for ever.
    ///
    /// # Suspends
    /// The goroutine, if the lock is taken; and where the guard is dropped, if another goroutine has
    /// waited for more than a millisecond: that one runs at once.
    ///
    /// ```
    /// let m = goroutines::sync::Mutex::new(1);
    /// *m.lock() += 1;
    /// assert_eq!(*m.lock(), 2);
    /// ```
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.raw.lock();
        MutexGuard { mutex: self }
    }

    /// Locks if that needs no waiting (Go's `TryLock`); fails too if a goroutine has been starving
    /// for the lock.
    ///
    /// ```
    /// let m = goroutines::sync::Mutex::new(1);
    /// let held = m.try_lock();
    /// assert!(held.is_some() && m.try_lock().is_none());
    /// ```
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.raw
            .try_lock()
            .then_some(())
            .map(|()| MutexGuard { mutex: self })
    }

    /// Is there for its message: nothing implements [`ByHand`].
    #[doc(hidden)]
    pub fn unlock(&self)
    where
        Self: ByHand,
    {
    }

    /// The value, without locking: `&mut` proves that no other goroutine can reach it.
    ///
    /// ```
    /// let mut m = goroutines::sync::Mutex::new(1);
    /// *m.get_mut() = 2;
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// What Go's `defer mu.Unlock()` asks for.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "nobody unlocks by hand: the guard that `lock` gives does it when it goes",
    label = "has no `unlock`",
    note = "keep the guard, `let mut v = mu.lock();`, and use the value through it: `*v += 1`; at the end of the block it unlocks",
    note = "to unlock earlier: `drop(v);`, or `*mu.lock() += 1;` for one statement",
    note = "a lock without a value, with `lock` and `unlock`, is `sync::RawMutex`"
)]
pub trait ByHand {}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut d = f.debug_struct("Mutex");
        match self.try_lock() {
            Some(guard) => d.field("value", &&*guard),
            None => d.field("value", &format_args!("<locked>")),
        };
        d.finish()
    }
}

/// The right to use what a [`Mutex`] guards; unlocks when dropped.
#[must_use = "dropping the guard unlocks at once"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
}

// SAFETY: the lock belongs to no thread; what the guard gives is a `&mut T`, which needs `T: Send`.
unsafe impl<T: ?Sized + Send> Send for MutexGuard<'_, T> {}
// SAFETY: a shared guard gives a `&T`, which needs `T: Sync`.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The lock that this guard holds.
    pub(super) fn raw(&self) -> &'a RawMutex {
        &self.mutex.raw
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: we hold the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: we hold the lock, and the guard is borrowed mutably.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.mutex.raw.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
