//! What the runtime's own files ask of `sync`: here, loom's mutex, which can be left out.

use super::sys::{Part, has};
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// loom's, behind the runtime's names.
pub(crate) struct Mutex<T> {
    lock: loom::sync::Mutex<()>,
    value: UnsafeCell<T>,
}

// SAFETY: as a mutex's; without [`Part::Lock`] loom still runs one thread at a time.
unsafe impl<T: Send> Sync for Mutex<T> {}

pub(crate) struct Guard<'a, T> {
    _held: Option<loom::sync::MutexGuard<'a, ()>>,
    value: &'a UnsafeCell<T>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex {
            lock: loom::sync::Mutex::new(()),
            value: UnsafeCell::new(value),
        }
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        Guard {
            _held: has(Part::Lock).then(|| self.lock.lock().unwrap()),
            value: &self.value,
        }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: locked, and else loom runs one thread at a time, which switches at none of these accesses.
        unsafe { &*self.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.value.get() }
    }
}
