//! The two doors of the scheduler: [`park`] and [`ready`] (Go's `gopark` and `goready`).
//!
//! (This first version knows plain threads only.)

use crate::sys::{futex, spin::SpinLock};
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Why somebody waits; printed in goroutine dumps with Go's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum WaitReason {
    ChanReceive,
    ChanSend,
    ChanReceiveNil,
    ChanSendNil,
    Select,
    SelectNoCases,
    Sleep,
    IoWait,
    Semacquire,
    SyncMutexLock,
    SyncRwMutexRLock,
    SyncRwMutexLock,
    SyncWaitGroupWait,
    SyncCondWait,
    Join,
    BlockOn,
}

/// Somebody who can be blocked and woken: a goroutine or a plain thread. One pointer wide, never
/// null, `Copy`; valid until the wake-up that ends the wait it was made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Waiter(NonNull<()>);

// SAFETY: a waiter is an address; what may be done with it is said at `ready`.
unsafe impl Send for Waiter {}
// SAFETY: as above.
unsafe impl Sync for Waiter {}

struct ThreadParker {
    token: AtomicU32,
    ticket: AtomicU64,
}

static FREE: Mutex<Vec<&'static ThreadParker>> = Mutex::new(Vec::new());

struct Own(Cell<Option<&'static ThreadParker>>);
impl Drop for Own {
    fn drop(&mut self) {
        if let Some(p) = self.0.take() {
            FREE.lock().unwrap().push(p);
        }
    }
}
thread_local! { static OWN: Own = const { Own(Cell::new(None)) }; }

fn parker() -> &'static ThreadParker {
    OWN.with(|o| {
        o.0.get().unwrap_or_else(|| {
            let p = FREE.lock().unwrap().pop().unwrap_or_else(|| {
                Box::leak(Box::new(ThreadParker {
                    token: AtomicU32::new(0),
                    ticket: AtomicU64::new(0),
                }))
            });
            o.0.set(Some(p));
            p
        })
    })
}

impl Waiter {
    /// The caller: the running goroutine, or the plain thread.
    #[inline]
    pub(crate) fn current() -> Waiter {
        Waiter(NonNull::from(parker()).cast())
    }
}

/// Blocks the caller until somebody calls [`ready`] with its [`Waiter`]. There are no spurious
/// wake-ups: `park` returns exactly once for one `ready`.
///
/// `commit(arg)` runs once the goroutine's stack has been left (on the M's own stack); until it has
/// run, nobody may call `ready`. It publishes the waiter, usually by releasing the lock under which
/// the waiter was queued. Returning `false` cancels the wait: `park` returns at once.
///
/// # Safety
/// `commit` must be sound to call once with `arg` on another stack of the same thread, must not
/// panic, block, run user code or park.
pub(crate) unsafe fn park(reason: WaitReason, commit: unsafe fn(*mut ()) -> bool, arg: *mut ()) {
    let _ = reason;
    let p = parker();
    // SAFETY: forwarded from the caller.
    if !unsafe { commit(arg) } {
        return;
    }
    while p.token.swap(0, Ordering::Acquire) == 0 {
        futex::wait(&p.token, 0, None);
    }
}

/// [`park`] whose commit is to release `lock`, held by the caller.
pub(crate) fn park_unlock(reason: WaitReason, lock: &SpinLock) {
    unsafe fn commit(l: *mut ()) -> bool {
        // SAFETY: `l` is the `&SpinLock` passed below, alive at least until the unlock.
        unsafe { (*l.cast::<SpinLock>()).unlock() };
        true
    }
    // SAFETY: releasing a held lock neither blocks nor panics.
    unsafe { park(reason, commit, std::ptr::from_ref(lock) as *mut ()) }
}

/// Makes `w` runnable; it will be the next to run on this P, with the current time slice.
///
/// # Safety
/// The caller has the exclusive right to wake `w`: `w` is committed to a [`park`] and was taken
/// out of its queue under the lock that `commit` released. After this call `w` and everything on
/// its stack may be gone: copy what is needed before. Call it without holding any spinlock.
pub(crate) unsafe fn ready(w: Waiter) {
    // SAFETY: parkers are never freed.
    let p = unsafe { w.0.cast::<ThreadParker>().as_ref() };
    p.token.store(1, Ordering::Release);
    futex::wake(&raw const p.token);
}

/// One wait that may be ended by something that comes late (a timer, a waker, a cancellation).
/// Names the wait, not the waiter: once that wait is over, a ticket does nothing, for ever.
/// Never zero; fits a pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ticket(pub(crate) u64);

/// Opens a new ticketed wait for the caller; every older ticket of the caller is dead from now on.
pub(crate) fn new_ticket() -> Ticket {
    todo!()
}

/// Blocks until [`ready_ticket`] has been called for `t`, before or after this call.
pub(crate) fn park_ticket(reason: WaitReason, t: Ticket) {
    let _ = (reason, t);
    todo!()
}

/// Ends the wait `t`, now or later; `true` for the one call that did. Safe at any time, from any
/// thread.
pub(crate) fn ready_ticket(t: Ticket) -> bool {
    let _ = t;
    todo!()
}
