//! What locks ask of the scheduler: is spinning worth it, and which P is this?

use crate::sched::state::sched::SCHED;
use crate::sched::state::section;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// In nanoseconds.
static LOCK_WAIT: AtomicU64 = AtomicU64::new(0);

/// How long goroutines have waited for locks in all.
pub(crate) fn lock_wait() -> Duration {
    Duration::from_nanos(LOCK_WAIT.load(Ordering::Relaxed))
}

/// A lock has been waited for.
pub(crate) fn count_lock_wait(nanos: i64) {
    LOCK_WAIT.fetch_add(nanos.max(0) as u64, Ordering::Relaxed);
}

/// Can a goroutine that waits for a lock hope for its release by spinning? Only if the holder can be running on another
/// P at this moment, and no other goroutine waits for this P. Go's `sync_runtime_canSpin`.
pub(crate) fn worth_spinning() -> bool {
    let Some(section) = section::enter() else {
        // A plain thread has nothing better to do.
        return crate::sys::thread::num_cpu() > 1;
    };
    let Some(p) = section.p() else {
        return false;
    };
    let busy = SCHED.procs() as u32;
    let others = SCHED.idle.ps() + SCHED.idle.spinning() + 1;
    busy > others && !p.has_next() && !p.has_queued()
}

/// A small number for what is kept once per processor: the P's, or the plain thread's own. By the
/// time it is used it may be another thread's, so it is a hint, not a right.
#[inline]
pub(crate) fn p_index() -> usize {
    match section::enter().and_then(|s| Some(s.p()?.id)) {
        Some(id) => id as usize,
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
