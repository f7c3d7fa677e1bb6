//! Atomic memory (Go's `sync/atomic`): the types of [`std::sync::atomic`], and [`Value`].
//!
//! Go's operations are all sequentially consistent: `Ordering::SeqCst` is what they mean.
//!
//! # Suspends
//! Any call of this module, for a moment, if another goroutine is in such a call on the same thing: each
//! takes a lock of [`sync`](crate::sync).

#![forbid(unsafe_code)]

use super::RWMutex;
use std::fmt;
use std::mem;
pub use std::sync::atomic::*;

/// A value of any type that is read and replaced as a whole (Go's `atomic.Value`, or
/// `atomic.Pointer` with an `Arc`), fit for a `static`.
///
/// What comes out is a clone. Go's panics about inconsistent types are compile errors here.
///
/// ```
/// use goroutines::sync::atomic::Value;
/// use std::sync::Arc;
///
/// static CONFIG: Value<Arc<Vec<String>>> = Value::new();
///
/// assert_eq!(CONFIG.load(), None);
/// CONFIG.store(Arc::new(vec!["verbose".into()]));
/// assert_eq!(CONFIG.load().unwrap().len(), 1);
/// ```
pub struct Value<T>(RWMutex<Option<T>>);

impl<T> Value<T> {
    /// Nothing stored yet.
    ///
    /// ```
    /// static LATEST: goroutines::sync::atomic::Value<String> = goroutines::sync::atomic::Value::new();
    /// ```
    pub const fn new() -> Self {
        Value(RWMutex::new(None))
    }

    /// What was stored last; `None` if nothing was (Go's `Load`).
    ///
    /// ```
    /// let v = goroutines::sync::atomic::Value::new();
    /// v.store(42);
    /// assert_eq!(v.load(), Some(42));
    /// ```
    pub fn load(&self) -> Option<T>
    where
        T: Clone,
    {
        self.0.read().clone()
    }

    /// Stores a value (Go's `Store`).
    ///
    /// ```
    /// let v = goroutines::sync::atomic::Value::new();
    /// v.store("a");
    /// v.store("b");
    /// assert_eq!(v.load(), Some("b"));
    /// ```
    pub fn store(&self, new: T) {
        drop(self.swap(new));
    }

    /// Stores a value and returns the one before (Go's `Swap`).
    ///
    /// ```
    /// let v = goroutines::sync::atomic::Value::new();
    /// assert_eq!((v.swap(1), v.swap(2)), (None, Some(1)));
    /// ```
    pub fn swap(&self, new: T) -> Option<T> {
        let mut value = self.0.write();
        let old = value.replace(new);
        drop(value);
        old
    }

    /// Stores `new` if the value is `old`, where `None` means that nothing was stored; `true` if so
    /// (Go's `CompareAndSwap`).
    ///
    /// ```
    /// let v = goroutines::sync::atomic::Value::new();
    /// assert!(!v.compare_and_swap(Some(&1), 2));
    /// assert!(v.compare_and_swap(None, 1));
    /// assert!(v.compare_and_swap(Some(&1), 2));
    /// ```
    pub fn compare_and_swap(&self, old: Option<&T>, new: T) -> bool
    where
        T: PartialEq,
    {
        let mut new = Some(new);
        let mut value = self.0.write();
        let same = value.as_ref() == old;
        if same {
            mem::swap(&mut *value, &mut new);
        }
        // Unlock before `new` is dropped.
        drop(value);
        same
    }
}

impl<T> Default for Value<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut d = f.debug_tuple("Value");
        match self.0.try_read() {
            Some(value) => d.field(&*value),
            None => d.field(&format_args!("<locked>")),
        };
        d.finish()
    }
}
