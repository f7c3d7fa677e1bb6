//! What locks ask of the scheduler: is spinning worth it, may the next one run at once, which P is
//! this.

use super::global::SCHED;
use super::m::M;
use super::park::{current_g, park};
use super::{bubble, idle, section};
use crate::g::{GRef, Status, WaitReason, header::flag};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// For how long, in nanoseconds, locks have been waited for in all.
pub(crate) static LOCK_WAIT: AtomicU64 = AtomicU64::new(0);

/// A lock has been waited for.
pub(crate) fn count_lock_wait(nanos: i64) {
    LOCK_WAIT.fetch_add(nanos.max(0) as u64, Ordering::Relaxed);
}

/// Can somebody who waits for a lock hope for its release by spinning? Only if the holder can be
/// running on another P at this moment, and nobody waits for this one. Go's `sync_runtime_canSpin`.
pub(crate) fn worth_spinning() -> bool {
    let Some(section) = section::enter() else {
        // A plain thread has nothing better to do.
        return crate::sys::thread::num_cpu() > 1;
    };
    let Some(p) = section.p() else {
        return false;
    };
    let busy = SCHED.procs.load(Ordering::Relaxed) as u32;
    let others = SCHED.idle_ps.load(Ordering::Relaxed) + SCHED.spinning.load(Ordering::Relaxed) + 1;
    busy > others && !p.has_next() && !p.has_queued()
}

/// Lets the goroutine run that was just made ready, in the caller's time slice; the caller goes to
/// the end of its P's queue. Go's `goyield`. Does nothing on a plain thread, or where the goroutine
/// must not change threads.
#[cold]
#[inline(never)]
pub(crate) fn goyield() {
    unsafe fn commit(g: *mut ()) -> bool {
        // SAFETY: `g` is the running goroutine's pointer, passed below.
        let g = unsafe { GRef::from_ptr(g.cast()).unwrap_unchecked() };
        g.set_status(Status::Runnable);
        match M::current().and_then(|m| m.p()) {
            Some(p) => p.put(g),
            None => idle::put_global(g),
        }
        true
    }
    let Some(g) = current_g() else { return };
    if std::thread::panicking() || g.no_suspend() > 0 {
        return;
    }
    if g.has(flag::FAMILY) && M::current().is_some_and(|m| bubble::yields(m, g)) {
        return;
    }
    // SAFETY: the commit queues the goroutine, which has left its stack.
    unsafe { park(WaitReason::None, commit, g.as_ptr().cast()) }
}

/// A small number for what is kept once a processor: the P's, or one of the plain thread's own. It
/// may be another one's by the time it is used, so it is a hint, not a right.
#[inline]
pub(crate) fn p_index() -> usize {
    match section::enter().and_then(|s| s.p()) {
        Some(p) => p.id as usize,
        None => thread_index(),
    }
}

#[inline(never)]
fn thread_index() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! { static OWN: Cell<Option<usize>> = const { Cell::new(None) }; }
    OWN.with(|own| {
        own.get().unwrap_or_else(|| {
            let index = NEXT.fetch_add(1, Ordering::Relaxed);
            own.set(Some(index));
            index
        })
    })
}
