//! The channel of a timer or ticker, as Go has them since 1.23: nothing stale is ever received.
//!
//! There is no buffer and no sender. The channel is ready while `when`, the next due time, has
//! passed; receiving yields `when` itself and moves it on (a ticker, over all ticks that were missed)
//! or ends it. So stopping and resetting cannot leave an old value behind, `len` and `cap` are 0, and
//! a timer that no goroutine waits for costs nothing: its [`TimerNode`] is in a heap only while a
//! goroutine waits on the channel and `when` is set.
//!
//! Invariants, under the channel's lock:
//!
//! * `when` is 0 (stopped, or delivered) or the next due time.
//! * [`arm_for_waiters`](TimerChan::arm_for_waiters) has been called after each change of `when` or of the queue
//!   of receivers: then the node is armed for `when` exactly if both are there.
//! * `fire` can come late, after the node was disarmed and armed anew. So it decides by the state, not
//!   by its call: it delivers if `when` has passed and a goroutine waits.
//! * `refs` counts the receivers' side (1) and the calls of `fire` that are to come. The last to go
//!   frees the timer.
//!
//! The node is armed under the channel's lock, as Go does. It is the one exception to the rule that
//! nothing is allocated or woken under a spinlock (a heap may have to grow, a poller be told); when a
//! goroutine parks, which is the common case, no other thread needs to be told.
//!
//! Called by: `time`, and the channel for channels in the state `TIMER`.

use super::handle::{Chan, Receiver};
use super::hchan::{Locked, RawChan};
use super::rt::{
    AtomicI64, AtomicU32, Clock, Looks, Ordering, TimerNode, boot, disarm, go, instant_at,
    spawn_system, throw,
};
use super::timed::{Timed, TimerHead, TimerOps};
use super::waitq::Taken;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr::{self, NonNull};
use std::time::{Duration, Instant};

/// A timer with a channel.
#[repr(C)]
pub(crate) struct TimerChan {
    /// First: handles know the timer by its channel.
    head: TimerHead<RawChan>,
    /// The clock that it goes by.
    clock: Clock,
    /// Nanoseconds on that clock; 0: not running. Written under the lock, read by `is_due`.
    when: AtomicI64,
    /// Nanoseconds from tick to tick; 0: once.
    period: Cell<i64>,
    /// The due time that was received last; 0 if the timer has been set since. Under the lock.
    received: Cell<i64>,
    node: TimerNode,
    refs: AtomicU32,
}

// SAFETY: `period` is touched only under the channel's lock; the rest is `Sync`.
unsafe impl Sync for TimerChan {}

impl TimerChan {
    /// Starts a timer that is due after `d` and then, if `period` is not 0, every `period`
    /// nanoseconds.
    pub(crate) fn start(d: Duration, period: i64) -> Receiver<Instant> {
        let this = NonNull::from(Box::leak(Box::<TimerChan>::new_uninit())).cast::<TimerChan>();
        boot(); // not later, under the channel's lock
        let clock = Clock::current();
        let when = AtomicI64::new(clock.due_in(d));
        // SAFETY: a fresh box, for what is written there: it begins with a channel of `Instant`s with one receiver.
        unsafe {
            let chan = RawChan::of_timer(this.as_ptr().cast(), clock.bubble());
            this.write(TimerChan {
                head: TimerHead { chan, ops: &OPS },
                when,
                clock,
                period: Cell::new(period),
                received: Cell::new(0),
                node: TimerNode::new(fire),
                refs: AtomicU32::new(1),
            });
            Chan::from_raw(this.cast())
        }
    }

    /// The timer behind its receiver.
    pub(crate) fn of(receiver: &Receiver<Instant>) -> Option<&TimerChan> {
        receiver.raw()?.timer()?;
        // SAFETY: the channel of a timer lies at the beginning of it, and lives as long as its receiver.
        Some(unsafe { &*receiver.ptr()?.cast::<TimerChan>().as_ptr() })
    }

    /// Stops it. `true` if it was running, or its time had come and had not been received.
    pub(crate) fn stop(&self) -> bool {
        if self.clock.is_foreign() {
            throw("stop of synctest timer from outside bubble");
        }
        self.set(0, 0)
    }

    /// Makes it due after `d`, as [`start`](Self::start) does. Returns what `stop` would have.
    pub(crate) fn reset(&self, d: Duration, period: i64) -> bool {
        if self.clock.is_foreign() {
            throw("reset of synctest timer from outside bubble");
        }
        self.set(self.clock.due_in(d), period)
    }

    fn set(&self, when: i64, period: i64) -> bool {
        let guard = self.head.chan.lock();
        let locked = self.locked(guard.locked());
        let was_running = self.when.load(Ordering::Relaxed) != 0;
        self.when.store(when, Ordering::Release);
        self.period.set(period);
        self.received.set(0);
        // A bubble's timers are looked at when all its goroutines wait; what is due at once must not wait
        // for that.
        let in_bubble = self.clock.bubble() != 0;
        let served = in_bubble.then(|| locked.serve()).flatten();
        locked.arm_for_waiters(Looks::Nobody);
        drop(guard);
        if let Some(served) = served {
            served.wake();
        }
        was_running
    }

    /// What the holder of its channel's lock can do.
    fn locked<'a>(&'a self, chan: Locked<'a>) -> LockedTimer<'a> {
        assert!(ptr::eq(&raw const *chan, &raw const self.head.chan));
        LockedTimer { timer: self, chan }
    }

    /// Gives back one reference; the last frees the timer.
    ///
    /// # Safety
    /// The reference was the caller's, which does not use the timer any more.
    unsafe fn release(this: *mut TimerChan) {
        // SAFETY: alive until the count is 0. AcqRel: the last one sees what all others did.
        unsafe {
            if (*this).refs.fetch_sub(1, Ordering::AcqRel) == 1 {
                drop(Box::from_raw(this));
            }
        }
    }
}

/// A timer whose channel's lock is held.
#[derive(Clone, Copy)]
struct LockedTimer<'a> {
    timer: &'a TimerChan,
    chan: Locked<'a>,
}

impl LockedTimer<'_> {
    /// If the time has come, delivers to the longest waiting receiver; the caller then has to wake
    /// it, after the lock.
    fn serve(self) -> Option<Taken> {
        if !self.timer.is_due() {
            return None;
        }
        let receiver = self.chan.recvq().dequeue()?;
        let tick = self.take_tick().expect("it is due, and the lock is held");
        // SAFETY: a receiver has room for an element, which is an `Instant`.
        unsafe { receiver.elem().cast::<Instant>().write(tick) };
        self.chan.serve(&receiver);
        Some(receiver)
    }

    /// Receives if the time has come.
    fn take_tick(self) -> Option<Instant> {
        let (when, now) = (
            self.timer.when.load(Ordering::Relaxed),
            self.timer.clock.now(),
        );
        if when == 0 || when > now {
            return None;
        }
        self.move_on(when, now);
        self.timer.received.set(when);
        Some(instant_at(when))
    }

    /// The tick of `when` has been delivered at `now`: the next one is the first that is still to
    /// come, counted from `when`, so a ticker neither drifts nor catches up by a burst.
    fn move_on(self, when: i64, now: i64) {
        let period = self.timer.period.get();
        let next = match period {
            0 => 0,
            _ => when
                .saturating_add(period.saturating_mul(1 + (now - when) / period))
                .min(i64::MAX - 1),
        };
        self.timer.when.store(next, Ordering::Release);
    }

    /// `when` or the queue has changed.
    fn arm_for_waiters(self, looks: Looks) {
        if disarm(&self.timer.node) {
            // That call of `fire` will not come. Not the last reference: the caller has one.
            self.timer.refs.fetch_sub(1, Ordering::Relaxed);
        }
        let when = self.timer.when.load(Ordering::Relaxed);
        if when != 0 && !self.chan.recvq().is_empty() {
            self.timer.refs.fetch_add(1, Ordering::Relaxed);
            // SAFETY: disarmed above, under the lock under which alone it is armed; `refs` keeps it
            // until `fire` is called.
            unsafe {
                self.timer
                    .clock
                    .arm(&raw const self.timer.node, when, looks)
            };
        }
    }
}

impl Timed<RawChan> for TimerChan {
    fn is_due(&self) -> bool {
        let when = self.when.load(Ordering::Acquire);
        when != 0 && when <= self.clock.now()
    }

    fn recv(&self, chan: Locked<'_>) -> Option<Instant> {
        self.locked(chan).take_tick()
    }

    /// A timer that has not been set since is due again. A ticker's tick may go to another receiver that waits
    /// (`true`); else it is lost, like every tick that no receiver is there for. A value from before the timer
    /// was set is stale, and goes to no receiver.
    fn put_back(&self, chan: Locked<'_>, value: Instant) -> bool {
        let this = self.locked(chan);
        let when = self.received.get();
        if when == 0 || value != instant_at(when) {
            return false;
        }
        if self.period.get() == 0 {
            self.when.store(when, Ordering::Release);
            this.arm_for_waiters(Looks::Nobody);
            return false;
        }
        true
    }

    fn somebody_waits(&self, chan: Locked<'_>) {
        self.locked(chan).arm_for_waiters(Looks::ItsM);
    }

    fn update(&self, chan: Locked<'_>) {
        self.locked(chan).arm_for_waiters(Looks::Nobody);
    }
}

/// From the channel to its timer.
static OPS: TimerOps<RawChan> = TimerOps {
    // SAFETY: the head is at the beginning of a `TimerChan`, which lives, by the caller.
    timed: |head, _| unsafe { &*head.cast::<TimerChan>() },
    // SAFETY: as above; the reference is the caller's.
    release: |head| unsafe { TimerChan::release(head.cast()) },
};

/// The node is due: delivers to the longest waiting receiver.
///
/// # Safety
/// Called by the heap, once for each time that the node was armed.
unsafe fn fire(node: *const TimerNode, _due: i64) {
    // SAFETY: the node lies in a `TimerChan`, which this call has a reference to.
    let t = unsafe {
        &*node
            .byte_sub(offset_of!(TimerChan, node))
            .cast::<TimerChan>()
    };
    let guard = t.head.chan.lock();
    let locked = t.locked(guard.locked());
    let served = locked.serve();
    locked.arm_for_waiters(Looks::Nobody);
    drop(guard);
    let bubbled = t.clock.bubble() != 0;
    let timer = t.head.chan.timer().expect("of a timer");
    let timer = Fired(timer.as_ptr().cast());
    if let Some(served) = served {
        wake_from_scheduler(served, timer, bubbled);
    }
}

/// The reference of one call of [`fire`].
struct Fired(*mut TimerChan);

impl Drop for Fired {
    fn drop(&mut self) {
        // SAFETY: the reference was `fire`'s.
        unsafe { TimerChan::release(self.0) }
    }
}

/// Wakes a receiver here, in the scheduler; a future, whose waker is the user's code, in a goroutine, which
/// keeps the timer for that long.
fn wake_from_scheduler(served: Taken, timer: Fired, bubbled: bool) {
    if served.task().is_none() {
        return served.wake();
    }
    let wakes = move || {
        served.wake();
        drop(timer);
    };
    // In a bubble it is the bubble's goroutine, and the bubble's clock waits for it.
    if bubbled {
        go(wakes)
    } else {
        spawn_system(wakes)
    }
}
