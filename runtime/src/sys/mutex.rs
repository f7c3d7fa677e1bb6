//! A `std` mutex for the runtime's own state: its holder is not paused (see [`locks`](super::locks)),
//! and a panic while it is held changes nothing for the others.

use super::locks::Held;
use std::ops::{Deref, DerefMut};
use std::sync::{MutexGuard, PoisonError, TryLockError};

/// See the [module](self). No user code while it is held.
#[derive(Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

/// The lock, held. Stays on its thread. (Fields drop in this order: first the lock, then the count.)
pub(crate) struct Guard<'a, T> {
    inner: MutexGuard<'a, T>,
    _held: Held,
}

impl<T> Mutex<T> {
    /// A free mutex.
    pub(crate) const fn new(value: T) -> Self {
        Mutex(std::sync::Mutex::new(value))
    }

    /// Waits for the lock.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        let held = Held::new();
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Guard { inner, _held: held }
    }

    /// Takes the lock if it is free.
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        let held = Held::new();
        let inner = match self.0.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(e)) => e.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Guard { inner, _held: held })
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

#[cfg(test)]
mod tests {
    use super::Mutex;
    use crate::sys::locks;

    #[test]
    fn the_holder_is_counted() {
        let m = Mutex::new(1);
        let guard = m.lock();
        assert!(locks::any());
        assert!(m.try_lock().is_none());
        assert!(locks::any());
        drop(guard);
        assert!(!locks::any());
        *m.try_lock().unwrap() += 1;
        assert_eq!(*m.lock(), 2);
        assert!(!locks::any());
    }
}
