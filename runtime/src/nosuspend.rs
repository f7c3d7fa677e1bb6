//! `NoSuspend`: a scope in which a goroutine must not suspend.

use crate::sched::current_g;
use std::marker::PhantomData;

/// While it lives, a suspending call of the same goroutine panics in debug builds:
/// `suspended inside a NoSuspend scope`.
///
/// For code that holds something bound to its thread (a borrow in `LocalKey::with`, a
/// `std::sync::MutexGuard`, `stdout().lock()`), to find out that nothing it calls suspends. In a
/// release build it checks nothing.
///
/// # Examples
/// ```
/// use goroutines::runtime::NoSuspend;
/// let guard = NoSuspend::new();
/// let n = 1 + 1; // nothing here may block
/// drop(guard);
/// # let _ = n;
/// ```
#[derive(Debug)]
#[must_use = "the scope ends when the guard is dropped"]
pub struct NoSuspend(PhantomData<*mut ()>);

impl NoSuspend {
    /// Opens a scope.
    pub fn new() -> Self {
        if let Some(g) = current_g() {
            g.cold().no_suspend.set(g.no_suspend() + 1);
        }
        NoSuspend(PhantomData)
    }
}

impl Default for NoSuspend {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for NoSuspend {
    fn drop(&mut self) {
        if let Some(g) = current_g() {
            g.cold().no_suspend.set(g.no_suspend().saturating_sub(1));
        }
    }
}
