//! What a channel asks of the timer whose channel it is (`timer.rs`), and of no other.

use std::marker::PhantomData;
use std::time::Instant;

/// How a timer answers. Where it says so, the channel's lock is held.
pub(super) trait Timed {
    /// Has the time come?
    fn is_due(&self) -> bool;

    /// Receives, if the time has come.
    ///
    /// # Safety
    /// The lock is held.
    unsafe fn recv(&self) -> Option<Instant>;

    /// `value` was received by a future that is gone. May another one that waits have it?
    ///
    /// # Safety
    /// The lock is held.
    unsafe fn put_back(&self, value: Instant) -> bool;

    /// One who is about to park is in the queue now.
    ///
    /// # Safety
    /// The lock is held.
    unsafe fn somebody_waits(&self);

    /// The queue has changed.
    ///
    /// # Safety
    /// The lock is held.
    unsafe fn update(&self);
}

/// How a timer begins; `C` is the channel.
#[repr(C)]
pub(super) struct TimerHead<C: 'static> {
    pub(super) chan: C,
    pub(super) ops: &'static TimerOps<C>,
}

/// From its beginning to the timer, as it was allocated.
pub(super) struct TimerOps<C: 'static> {
    /// The timer, which lives as long as the caller says.
    pub(super) timed: for<'a> unsafe fn(*mut TimerHead<C>, PhantomData<&'a ()>) -> &'a dyn Timed,
    /// Gives the receivers' reference back.
    pub(super) release: unsafe fn(*mut TimerHead<C>),
}

/// The timer behind a channel, which lives as long as the channel is borrowed.
pub(super) struct Timer<'a, C: 'static> {
    head: *mut TimerHead<C>,
    chan: PhantomData<&'a ()>,
}

impl<'a, C> Timer<'a, C> {
    /// # Safety
    /// `head` is a timer's, as it was allocated, which lives for as long as the result.
    pub(super) unsafe fn of(head: *mut TimerHead<C>) -> Self {
        let chan = PhantomData;
        Timer { head, chan }
    }

    /// The timer, as it was allocated.
    pub(super) fn as_ptr(&self) -> *mut TimerHead<C> {
        self.head
    }

    /// What answers.
    pub(super) fn timed(&self) -> &'a dyn Timed {
        // SAFETY: alive, as `of` was promised.
        unsafe { ((*self.head).ops.timed)(self.head, self.chan) }
    }

    /// The last receiver has gone, and does not use the channel any more.
    ///
    /// # Safety
    /// Once, by that one.
    pub(super) unsafe fn release(self) {
        // SAFETY: forwarded; alive.
        unsafe { ((*self.head).ops.release)(self.head) };
    }
}
