//! `NoSuspend`: a scope in which a goroutine must not suspend.

use crate::sched::current_g;
use std::marker::PhantomData;

/// While it lives, a suspending call of the same goroutine panics in debug builds:
/// `suspended inside a NoSuspend scope`.
///
/// For code that holds something bound to its thread (a borrow in `LocalKey::with`, a
/// `std::sync::MutexGuard`, `stdout().lock()`), to find out that nothing it calls suspends. In a
/// release build it checks nothing, unless `GODEBUG=threadcheck=1` asks for it: then it is told on standard error,
/// once a place, and the program goes on.
///
/// It costs two writes, so a guard of your own that must not be held over a suspension may have it as a field.
///
/// # Examples
/// ```
/// use goroutines::runtime::NoSuspend;
///
/// /// Owns what belongs to this thread.
/// struct Pinned {
///     value: u32,
///     _stays: NoSuspend,
/// }
///
/// let pinned = Pinned { value: 1, _stays: NoSuspend::new() };
/// let n = pinned.value + 1; // a `recv` here would panic in a debug build
/// drop(pinned);
/// # assert_eq!(n, 2);
/// ```
#[derive(Debug)]
#[must_use = "the scope ends when the guard is dropped"]
pub struct NoSuspend(PhantomData<*mut ()>);

impl NoSuspend {
    /// Opens a scope.
    pub fn new() -> Self {
        if let Some(g) = current_g() {
            g.set_no_suspend(g.no_suspend() + 1);
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
            g.set_no_suspend(g.no_suspend().saturating_sub(1));
        }
    }
}
