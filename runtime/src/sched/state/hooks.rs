//! The side doors: what `park`, `ready`, `spawn` and the end of a goroutine do for one that a test watches.
//!
//! The watcher of goroutines ([`family`](crate::sched::family)) lies above the scheduler. It registers what is to
//! be called for a goroutine with [`FAMILY`](crate::g::flag::FAMILY), before there is any.

use super::commit::Commit;
use super::mine::Here;
use super::runnable::Runnable;
use crate::g::{GRef, WaitReason, flag};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is called for goroutines with the flag.
pub(crate) struct Hooks {
    /// Instead of `park::switch`.
    pub(crate) park: fn(Here, WaitReason, Commit),
    /// It has been woken, and the caller is about to queue it. `None`: the watcher has taken it.
    pub(crate) readied: fn(Runnable) -> Option<Runnable>,
    /// It gives way. `true`: that was done.
    pub(crate) yields: fn(Here) -> bool,
    /// A new goroutine of a watched goroutine or plain thread is about to be queued. `None`: it has been taken.
    pub(crate) inherit: fn(Runnable) -> Option<Runnable>,
    /// It has ended.
    pub(crate) leave: fn(GRef) -> Left,
    /// The number of its bubble, by its id; for reports.
    pub(crate) bubble_of: fn(u64) -> Option<u32>,
    /// The seed of the exploration that it is part of; for reports.
    pub(crate) seed_of: fn(GRef) -> Option<u64>,
}

static HOOKS: OnceLock<&'static Hooks> = OnceLock::new();

/// Some plain thread has entered a family once: only then is it worth asking.
static THREADS: AtomicBool = AtomicBool::new(false);

/// From now on these are called.
pub(crate) fn register(hooks: &'static Hooks) {
    let _ = HOOKS.set(hooks);
}

/// Those that are called, for a goroutine with the flag.
#[cold]
pub(crate) fn get() -> &'static Hooks {
    HOOKS
        .get()
        .expect("registered before the first flag is set")
}

/// A goroutine was woken: the caller has to queue it, unless the watcher has taken it.
#[inline(always)]
pub(crate) fn readied(g: Runnable) -> Option<Runnable> {
    if g.has(flag::FAMILY) {
        return (get().readied)(g);
    }
    Some(g)
}

/// A plain thread is watched.
pub(crate) fn thread_enters() {
    // Release: pairs with the load below; the hooks are registered before.
    THREADS.store(true, Ordering::Release);
}

/// Has a plain thread ever been watched? Then its new goroutines are asked about, too.
#[inline(always)]
pub(crate) fn of_some_thread() -> bool {
    THREADS.load(Ordering::Acquire)
}

/// A goroutine that is not watched any more; when this is dropped, its watcher hears of it. Its slot
/// may be used again from then on.
pub(crate) struct Left(pub(crate) Option<Box<dyn FnOnce()>>);

impl Drop for Left {
    fn drop(&mut self) {
        if let Some(tell) = self.0.take() {
            tell();
        }
    }
}
