//! What a channel asks of the timer whose channel it is (`timer.rs`), and of no other.

use std::marker::PhantomData;
use std::time::Instant;

/// How a timer answers. Each is given the timer, as it was allocated, which is alive.
pub(super) struct TimerOps {
    /// Has the time come?
    pub(super) is_due: unsafe fn(*mut ()) -> bool,
    /// Under the lock: receives into the second argument, if the time has come.
    pub(super) recv: unsafe fn(*mut (), *mut Instant) -> bool,
    /// Under the lock: what the second argument points to was received by a future that is gone. May another one
    /// that waits have it?
    pub(super) put_back: unsafe fn(*mut (), *const Instant) -> bool,
    /// Under the lock, by one who is about to park: it is in the queue now.
    pub(super) somebody_waits: unsafe fn(*mut ()),
    /// Under the lock: the queue has changed.
    pub(super) update: unsafe fn(*mut ()),
    /// The last receiver has gone: its reference is given back.
    pub(super) release: unsafe fn(*mut ()),
}

/// How a timer begins; `C` is the channel.
#[repr(C)]
pub(super) struct TimerHead<C> {
    pub(super) chan: C,
    pub(super) ops: &'static TimerOps,
}

/// The timer behind a channel, which lives as long as the channel is borrowed.
#[derive(Clone, Copy)]
pub(super) struct Timer<'a> {
    timer: *mut (),
    ops: &'static TimerOps,
    chan: PhantomData<&'a ()>,
}

impl Timer<'_> {
    /// # Safety
    /// `timer` begins with that head, and lives for as long as the result.
    pub(super) unsafe fn of<C>(timer: *mut TimerHead<C>) -> Self {
        Timer {
            timer: timer.cast(),
            // SAFETY: by the caller.
            ops: unsafe { (*timer).ops },
            chan: PhantomData,
        }
    }

    /// The timer, as it was allocated.
    pub(super) fn as_ptr(self) -> *mut () {
        self.timer
    }

    /// Has the time come?
    pub(super) fn is_due(self) -> bool {
        // SAFETY: alive.
        unsafe { (self.ops.is_due)(self.timer) }
    }

    /// Receives if the time has come.
    ///
    /// # Safety
    /// The lock is held; `elem` has room for the value.
    pub(super) unsafe fn recv(self, elem: *mut Instant) -> bool {
        // SAFETY: forwarded; alive.
        unsafe { (self.ops.recv)(self.timer, elem) }
    }

    /// `value` was received by a future that is gone. May another one that waits have it?
    ///
    /// # Safety
    /// The lock is held; `value` points to what was received.
    pub(super) unsafe fn put_back(self, value: *const Instant) -> bool {
        // SAFETY: forwarded; alive.
        unsafe { (self.ops.put_back)(self.timer, value) }
    }

    /// Somebody who is about to park is in the queue now.
    ///
    /// # Safety
    /// The lock is held.
    pub(super) unsafe fn somebody_waits(self) {
        // SAFETY: forwarded; alive.
        unsafe { (self.ops.somebody_waits)(self.timer) };
    }

    /// The queue has changed.
    ///
    /// # Safety
    /// The lock is held.
    pub(super) unsafe fn update(self) {
        // SAFETY: forwarded; alive.
        unsafe { (self.ops.update)(self.timer) };
    }

    /// The last receiver has gone, and does not use the channel any more.
    ///
    /// # Safety
    /// Once, by that one.
    pub(super) unsafe fn release(self) {
        // SAFETY: forwarded; alive.
        unsafe { (self.ops.release)(self.timer) };
    }
}
