//! What a timer's channel asks of its timer (`timer.rs`).

use std::marker::PhantomData;
use std::time::Instant;

/// A channel, as its timer knows it.
pub(super) trait Lockable: 'static {
    /// A channel whose lock is held.
    type Locked<'a>: Copy;
}

/// How a timer answers. What needs the lock is told that it is held.
pub(super) trait Timed<C: Lockable> {
    /// Has the time come?
    fn is_due(&self) -> bool;

    /// Receives, if the time has come.
    fn recv(&self, chan: C::Locked<'_>) -> Option<Instant>;

    /// `value` was received by a future that is gone. May another one that waits have it?
    fn put_back(&self, chan: C::Locked<'_>, value: Instant) -> bool;

    /// A goroutine that is about to park is in the queue now.
    fn somebody_waits(&self, chan: C::Locked<'_>);

    /// The queue has changed.
    fn update(&self, chan: C::Locked<'_>);
}

/// How a timer begins; `C` is the channel.
#[repr(C)]
pub(super) struct TimerHead<C: Lockable> {
    pub(super) chan: C,
    pub(super) ops: &'static TimerOps<C>,
}

/// From its beginning to the timer, as it was allocated.
pub(super) struct TimerOps<C: Lockable> {
    /// The timer, which lives as long as the caller says.
    pub(super) timed: for<'a> unsafe fn(*mut TimerHead<C>, PhantomData<&'a ()>) -> &'a dyn Timed<C>,
    /// Gives the receivers' reference back.
    pub(super) release: unsafe fn(*mut TimerHead<C>),
}

/// The timer behind a channel, which lives as long as the channel is borrowed.
pub(super) struct Timer<'a, C: Lockable> {
    head: *mut TimerHead<C>,
    chan: PhantomData<&'a ()>,
}

impl<'a, C: Lockable> Timer<'a, C> {
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
    pub(super) fn timed(&self) -> &'a dyn Timed<C> {
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
