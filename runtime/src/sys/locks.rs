//! How many of the runtime's own locks the calling thread holds (Go's `m.locks`).
//!
//! A thread that holds one must not be paused by a signal: the thread that pauses others, or runs
//! the ones that are woken, needs those locks too. The count is one thread-local word, changed by
//! one instruction each way, so that the fast paths of channels and timers can afford it; the
//! signal handler reads it on its own thread.

use std::marker::PhantomData;

super::arch::thread_word!("goroutines_locks_held_v0", i64);

/// The thread is about to take a lock. It must be given back on this thread.
#[inline(always)]
pub(crate) fn enter() {
    word::add::<1>();
}

/// The thread has given a lock back.
#[inline(always)]
pub(crate) fn leave() {
    word::add::<-1>();
}

/// Does the calling thread hold any? Async-signal-safe.
#[inline(always)]
pub(crate) fn any() -> bool {
    word::get() != 0
}

/// Counts as a lock held for as long as it lives: for what must not be paused, and takes no
/// [`SpinLock`](super::spin::SpinLock).
pub(crate) struct Held(PhantomData<*mut ()>);

impl Held {
    /// Counted from now on.
    #[inline(always)]
    pub(crate) fn new() -> Held {
        enter();
        Held(PhantomData)
    }
}

impl Drop for Held {
    #[inline(always)]
    fn drop(&mut self) {
        leave();
    }
}

#[cfg(test)]
mod tests {
    use super::{any, enter, leave};

    #[test]
    fn counts_for_its_thread_alone() {
        assert!(!any());
        enter();
        enter();
        assert!(any());
        std::thread::spawn(|| assert!(!any())).join().unwrap();
        leave();
        assert!(any());
        leave();
        assert!(!any());
    }
}
