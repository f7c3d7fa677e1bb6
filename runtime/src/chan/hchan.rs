//! The channel itself: Go's `hchan` (`runtime/chan.go`), without its element type.
//!
//! Elements are moved as bytes: the typed handles pass pointers and sizes, so that `select` and all
//! the waiting code exist once. Sizes are constants in the fast paths after inlining.
//!
//! Invariants (they hold whenever the lock is free):
//!
//! * At least one of `recvq` and `sendq` has no live waiter. (One `select` may wait in both with a
//!   send and a receive arm; another goroutine decides it, never the select itself.)
//! * Buffered: a live sender waits only if the buffer is full, a live receiver only if it is empty.
//!   Unbuffered: a buffer of zero elements is both, and the same rule reads "only if no goroutine is
//!   on the other side".
//! * What was put back (a future that had been handed it was dropped; see `lent.rs`) stands first in `sendq`.
//!   It counts as in the channel, which may therefore hold more than `cap`.
//! * On a closed channel no goroutine waits but receivers that the close has not reached yet, and while one waits
//!   nothing is lent; but values that were put back may still stand there. `state` goes from open to closed once.
//!   (The channel of a timer is neither: see `timer.rs`.)
//! * The slots `recvx .. recvx + (sent - received)`, less what was put back, of the ring hold values that the
//!   channel owns, until the channel is abandoned.
//! * `state` is marked abandoned once, when the last receiver has gone. From then on the ring belongs to
//!   the goroutine that set the mark: it drops what is in there, in place and with nothing locked.
//!   `sent` goes on counting, so a send has room exactly if it would have had room without that; but its
//!   value stays with the sender, which drops it.
//!
//! A value is in one place at a time: in the sender's frame until the operation's outcome is `Done`,
//! then in the ring or in the receiver's frame. Every move is a copy of bytes after which the source
//! is forgotten; the outcome tells both sides which one owns the value, and it is written once.
//!
//! The lock protects everything but the constants. `state`, `sent`, `received` and the queues'
//! counters are atomics because [`RawChan::peek`] reads them without it; under the lock they are
//! written by plain stores with Release. No user code, no allocation and no wake-up runs under the
//! lock: a hand-off to a waiter takes its sudog out, releases the lock, and only then copies the
//! value and wakes it (the waiter's frame cannot go before that). A future's node is filled under the lock.
//!
//! Memory order, as Go's memory model has it: a send happens before the receive of its value, a
//! close before the receive that reports it, and the k-th receive before the (k+cap)-th send ends;
//! all through the lock, or through `ready` for goroutines that waited.
//!
//! Called by: `wait.rs` for one operation, `select.rs` for several, the handles.

use super::handles::Handles;
use super::lent::{Head, Lent};
use super::rt::{AtomicU8, AtomicU64, Ordering, SpinLock, current_bubble, point, throw};
use super::timed::{Lockable, Timer, TimerHead};
use super::waitq::{Queue, Stays, Sudog, Taken, WaitQ, bump};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr;
use std::time::Instant;

/// Send or receive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Op {
    Send,
    Recv,
}

/// The result of one attempt under the lock. For `Handoff` nothing has been copied yet; the lock is
/// to be released first.
#[must_use]
pub(super) enum Attempt {
    /// Nothing can be done now.
    Blocked,
    Closed,
    /// The value went into or came out of the ring.
    Done,
    /// It counts as sent, but no goroutine can receive it: the value is the sender's to drop.
    Discarded,
    /// As `Done`, and this waiter's value was moved too: wake it.
    Wake(Taken),
    /// This waiter is the other side: copy the value from frame to frame and wake it.
    Handoff(Taken),
    /// As `Done`; this waiter, a future's, has the value: wake it.
    Lent(Taken),
    /// As `Done`; the queue lets go of this node, and if there is a waiter, its value was moved too: wake it.
    TookBack(Stays<Head>, Option<Taken>),
}

/// The state of a channel as `make` makes it.
pub(super) const OPEN: u8 = 0;
/// Closed, or all senders are gone.
const CLOSED: u8 = 1;
/// The channel of a timer, for ever: no goroutine sends, and what is received comes from the clock.
/// It shares a byte with `closed`, so that the common paths pay nothing for it.
pub(super) const TIMER: u8 = 2;
/// Added to each of them: made in a bubble of `testing::synctest`, which alone may use it.
const BUBBLED: u8 = 4;
/// Added to a channel that senders still have when its last receiver has gone.
const ABANDONED: u8 = 8;

/// A channel, followed in the same allocation by its ring of `cap` elements.
#[repr(C)]
pub(super) struct RawChan {
    // First line: all that an uncontended buffered operation needs, except the queues' heads.
    lock: SpinLock,
    /// [`OPEN`], [`CLOSED`] or [`TIMER`], and maybe [`BUBBLED`] and [`ABANDONED`].
    state: AtomicU8,
    /// The bubble in which it was made; 0 = none.
    bubble: u32,
    /// Size of an element.
    pub(super) size: usize,
    cap: usize,
    /// The ring; in the channel of a timer, the timer.
    ring: *mut u8,
    /// Ring index of the next send, and of the next receive.
    sendx: Cell<usize>,
    recvx: Cell<usize>,
    /// How many values ever went into the ring, and came out; the difference is its length.
    sent: AtomicU64,
    received: AtomicU64,
    // Second line.
    recvq: WaitQ,
    sendq: WaitQ,
    // Third line: of futures, and written when handles come and go.
    lent: Lent,
    pub(super) handles: Handles,
}

// SAFETY: the fields that are not atomic are touched only under `lock`, or never change. Whether the
// elements may cross threads is decided by the typed handle (`T: Send`).
unsafe impl Sync for RawChan {}

impl RawChan {
    /// A new channel in `state`, in the caller's `bubble`, with the handles in `handles`.
    ///
    /// # Safety
    /// `ring` has room for `cap` elements of `size` bytes, and stays as long as the channel; for a timer's channel it
    /// is the timer.
    pub(super) const unsafe fn with(
        state: u8,
        bubble: u32,
        size: usize,
        cap: usize,
        ring: *mut u8,
        handles: u64,
    ) -> RawChan {
        RawChan {
            lock: SpinLock::new(),
            state: AtomicU8::new(if bubble == 0 { state } else { state | BUBBLED }),
            bubble,
            size,
            cap,
            ring,
            sendx: Cell::new(0),
            recvx: Cell::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            recvq: WaitQ::new(),
            sendq: WaitQ::new(),
            lent: Lent::new(),
            handles: Handles::new(handles),
        }
    }

    /// The timer whose channel this is, if it is one.
    #[inline]
    pub(super) fn timer(&self) -> Option<Timer<'_, RawChan>> {
        let timer = self.state.load(Ordering::Relaxed) & TIMER != 0;
        // SAFETY: the channel lies in its timer, which lives as long.
        timer.then(|| unsafe { Timer::of(self.ring.cast::<TimerHead<RawChan>>()) })
    }

    // ---- bubbles ----

    /// Was it made in a bubble? Then a goroutine that waits on it waits for others of the bubble only.
    #[inline(always)]
    pub(super) fn is_bubbled(&self) -> bool {
        self.state.load(Ordering::Relaxed) & BUBBLED != 0
    }

    /// Does it belong to a bubble in which the caller is not?
    #[cold]
    #[inline(never)]
    fn is_foreign(&self) -> bool {
        self.bubble != current_bubble()
    }

    /// Ends the process with `misuse` if it belongs to a bubble in which the caller is not.
    #[inline(always)]
    pub(super) fn check(&self, misuse: &'static str) {
        if self.is_bubbled() && self.is_foreign() {
            throw(misuse);
        }
    }

    /// [`lock`](Self::lock)s it, and [`check`](Self::check)s, before an operation that may block.
    #[inline(always)]
    pub(super) fn lock_checked(&self, misuse: &'static str) -> Guard<'_> {
        #[cold]
        #[inline(never)]
        fn check_and_maybe_yield<'a>(guard: Guard<'a>, misuse: &'static str) -> Guard<'a> {
            let chan = guard.unlock();
            chan.check(misuse);
            point();
            chan.lock()
        }
        let guard = self.lock();
        if self.is_bubbled() {
            return check_and_maybe_yield(guard, misuse);
        }
        guard
    }

    // ---- without the lock ----

    pub(super) fn cap(&self) -> usize {
        self.cap
    }

    /// `received` is read first: it only grows up to `sent`, so the difference is not negative. What was
    /// in an abandoned channel has been dropped.
    pub(super) fn len(&self) -> usize {
        if self.state.load(Ordering::Acquire) & ABANDONED != 0 {
            return 0;
        }
        let received = self.received.load(Ordering::Acquire);
        let sent = self.sent.load(Ordering::Acquire);
        ((sent - received) as usize).min(self.cap)
    }

    /// Acquire pairs with the store in [`close`](Self::close).
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Is no receiver left, and the channel open?
    #[inline]
    pub(super) fn refuses(&self) -> bool {
        !self.handles.has_receivers() && !self.is_closed()
    }

    /// Is the channel ready whatever its queues say: closed, or a timer that is due? Yes, if it belongs
    /// to a bubble in which the caller is not: the caller then tries, and will be told.
    #[inline]
    fn is_ready_by_state(&self) -> bool {
        #[cold]
        #[inline(never)]
        fn of_rare_state(chan: &RawChan) -> bool {
            (chan.is_bubbled() && chan.is_foreign())
                || chan.is_closed()
                || chan.timer().is_some_and(|t| t.timed().is_due())
        }
        match self.state.load(Ordering::Acquire) {
            OPEN => false,
            CLOSED => true,
            TIMER => self.timer().is_some_and(|t| t.timed().is_due()),
            _ => of_rare_state(self),
        }
    }

    /// Without the lock: could `op` proceed now? Also returns a mark for [`unchanged`](Self::unchanged).
    ///
    /// "No" is exact: there was a moment during this call when the operation would have blocked.
    /// "Yes" may be stale. Each of the three states is read from one pair of counters that only
    /// grow, the one that makes the operation *not* ready first; then `state`, since a channel that
    /// was seen empty and is seen open after that was both at the first moment.
    #[inline]
    pub(super) fn peek(&self, op: Op) -> (bool, u64) {
        let (ready, mark) = match op {
            _ if self.cap == 0 => match op {
                Op::Send => self.recvq.peek(),
                Op::Recv => self.sendq.peek(),
            },
            Op::Send => {
                let sent = self.sent.load(Ordering::Acquire);
                let received = self.received.load(Ordering::Acquire);
                (sent < received.saturating_add(self.cap as u64), received)
            }
            Op::Recv => {
                let received = self.received.load(Ordering::Acquire);
                let sent = self.sent.load(Ordering::Acquire);
                (sent != received, sent)
            }
        };
        (ready || self.is_ready_by_state(), mark)
    }

    /// Has `op`, which [`peek`](Self::peek) saw blocked with this `mark`, been blocked ever since?
    /// The mark counts the events that could have unblocked it.
    #[inline]
    pub(super) fn unchanged(&self, op: Op, mark: u64) -> bool {
        let now = match op {
            Op::Send if self.cap == 0 => self.recvq.entered(),
            Op::Recv if self.cap == 0 => self.sendq.entered(),
            Op::Send => self.received.load(Ordering::Acquire),
            Op::Recv => self.sent.load(Ordering::Acquire),
        };
        now == mark && !self.is_ready_by_state()
    }

    /// Takes the lock.
    #[inline]
    pub(super) fn lock(&self) -> Guard<'_> {
        self.lock.lock();
        Guard(self, PhantomData)
    }
}

/// The lock of a channel, held; given back when dropped. Stays on its thread.
#[must_use]
pub(super) struct Guard<'a>(&'a RawChan, PhantomData<*const ()>);

impl<'a> Guard<'a> {
    /// What the lock's holder can do.
    #[inline(always)]
    pub(super) fn locked(&self) -> Locked<'_> {
        Locked(self.0)
    }

    /// Gives it back.
    #[inline(always)]
    pub(super) fn unlock(self) -> &'a RawChan {
        self.0
    }

    /// The lock without its guard: the code that takes it gives it back.
    #[inline(always)]
    pub(super) fn into_lock(self) -> &'a SpinLock {
        &ManuallyDrop::new(self).0.lock
    }

    /// The guard of a channel that is locked, and whose first guard was forgotten.
    ///
    /// # Safety
    /// It was, on this thread, and this is done once.
    #[inline]
    pub(super) unsafe fn again(chan: &'a RawChan) -> Self {
        Guard(chan, PhantomData)
    }
}

impl Drop for Guard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.lock.unlock();
    }
}

/// A channel whose lock is held: all that needs it is a method of this.
#[derive(Clone, Copy)]
pub(super) struct Locked<'a>(&'a RawChan);

impl Lockable for RawChan {
    type Locked<'a> = Locked<'a>;
}

impl Deref for Locked<'_> {
    type Target = RawChan;
    #[inline(always)]
    fn deref(&self) -> &RawChan {
        self.0
    }
}

impl<'a> Locked<'a> {
    /// # Safety
    /// The lock is held for as long as the result is used, or the caller has the channel to itself.
    #[inline(always)]
    pub(super) unsafe fn new(chan: &'a RawChan) -> Self {
        Locked(chan)
    }

    /// The values in the ring: the oldest, and those after the ring's end.
    pub(super) fn values<T>(self) -> [*mut [T]; 2] {
        let ring = self.ring.cast::<T>();
        let len = self.count() - self.sendq().put_backs();
        let start = self.recvx.get();
        let upto_end = len.min(self.cap - start);
        // SAFETY: `start <= cap`, so still in the ring or at its end.
        let oldest = ptr::slice_from_raw_parts_mut(unsafe { ring.add(start) }, upto_end);
        [oldest, ptr::slice_from_raw_parts_mut(ring, len - upto_end)]
    }

    #[inline]
    fn count(self) -> usize {
        (self.sent.load(Ordering::Relaxed) - self.received.load(Ordering::Relaxed)) as usize
    }

    /// A value came in, other than through the ring.
    pub(super) fn count_sent(self) {
        bump(&self.sent);
    }

    /// A value went out, other than through the ring.
    pub(super) fn count_received(self) {
        bump(&self.received);
    }

    /// Has the last receiver gone while senders were there?
    pub(super) fn is_abandoned(self) -> bool {
        self.state.load(Ordering::Relaxed) & ABANDONED != 0
    }

    /// The queue in which `op` waits.
    #[inline(always)]
    pub(super) fn queue(self, op: Op) -> Queue<'a> {
        let queue = match op {
            Op::Send => &self.0.sendq,
            Op::Recv => &self.0.recvq,
        };
        // SAFETY: held.
        unsafe { queue.locked() }
    }

    #[inline(always)]
    pub(super) fn recvq(self) -> Queue<'a> {
        self.queue(Op::Recv)
    }

    #[inline(always)]
    pub(super) fn sendq(self) -> Queue<'a> {
        self.queue(Op::Send)
    }

    /// The values that are lent.
    pub(super) fn lent(self) -> &'a Lent {
        &self.0.lent
    }

    #[inline]
    fn next_index(self, at: usize) -> usize {
        if at + 1 == self.cap { 0 } else { at + 1 }
    }

    /// Tries to send the value at `elem`.
    ///
    /// # Safety
    /// `elem` holds a value of this channel's element type, `size` is its size.
    #[inline(always)]
    unsafe fn try_send(self, elem: *const u8, size: usize) -> Attempt {
        if self.state.load(Ordering::Relaxed) & (CLOSED | ABANDONED) != 0 {
            return self.send_to_nobody();
        }
        // SAFETY: forwarded. The ring slot at `sendx` is free where it is filled, since `count < cap`.
        unsafe {
            match self.recvq().dequeue() {
                Some(receiver) if receiver.task().is_some() => self.lend(receiver, elem, size),
                Some(receiver) => Attempt::Handoff(receiver),
                None if self.count() >= self.cap => Attempt::Blocked,
                None => {
                    self.push_back(elem, size);
                    Attempt::Done
                }
            }
        }
    }

    /// Puts the value at `elem` into the ring.
    ///
    /// # Safety
    /// There is room; `elem` holds an element, `size` is its size.
    #[inline(always)]
    unsafe fn push_back(self, elem: *const u8, size: usize) {
        let at = self.sendx.get();
        // SAFETY: forwarded.
        unsafe { ptr::copy_nonoverlapping(elem, self.ring.add(at * size), size) };
        self.sendx.set(self.next_index(at));
        bump(&self.sent);
    }

    /// Moves the value of the sender that has waited longest into the ring, if there is room and a
    /// sender. The caller has to wake it.
    pub(super) fn move_sender_up(self) -> Option<Taken> {
        if self.count() >= self.cap {
            return None;
        }
        let sender = self.sendq().dequeue_waiter()?;
        // SAFETY: there is room, and a sender has a value.
        unsafe { self.push_back(sender.elem(), self.size) };
        Some(sender)
    }

    /// Tries to send on a channel that is closed or abandoned.
    #[cold]
    #[inline(never)]
    fn send_to_nobody(self) -> Attempt {
        if self.is_closed() {
            Attempt::Closed
        } else if self.count() >= self.cap {
            Attempt::Blocked
        } else {
            bump(&self.sent);
            Attempt::Discarded
        }
    }

    /// Tries to receive into `elem`.
    ///
    /// # Safety
    /// `elem` has room for a value of the element type, `size` is its size.
    #[inline(always)]
    unsafe fn try_recv(self, elem: *mut u8, size: usize) -> Attempt {
        // SAFETY: forwarded. The slot at `recvx` holds a value, since `count > 0`. A live
        // sender waits only if the ring is full: then the slot just emptied is also the tail, and
        // its value goes there.
        unsafe {
            if self.count() != 0 {
                if self.sendq().has_put_back() {
                    return self.recv_put_back(elem, size);
                }
                let at = self.recvx.get();
                let slot = self.ring.add(at * size);
                ptr::copy_nonoverlapping(slot, elem, size);
                self.recvx.set(self.next_index(at));
                bump(&self.received);
                let Some(sender) = self.sendq().dequeue() else {
                    return Attempt::Done;
                };
                ptr::copy_nonoverlapping(sender.elem(), slot, size);
                self.sendx.set(self.recvx.get());
                bump(&self.sent);
                return Attempt::Wake(sender);
            }
            if let Some(sender) = self.sendq().dequeue() {
                return Attempt::Handoff(sender);
            }
        }
        // SAFETY: forwarded. The element type of a timer's channel is `Instant`.
        unsafe {
            match (self.state.load(Ordering::Relaxed) & !BUBBLED, self.timer()) {
                (OPEN, _) => Attempt::Blocked,
                (_, Some(timer)) => {
                    let Some(tick) = timer.timed().recv(self) else {
                        return Attempt::Blocked;
                    };
                    elem.cast::<Instant>().write(tick);
                    Attempt::Done
                }
                _ => self.recv_at_the_end(elem),
            }
        }
    }

    /// Tries to send the value at `elem`, or to receive into it.
    ///
    /// # Safety
    /// `elem` holds a value of this channel's element type, or has room for one; `size` is its size.
    #[inline(always)]
    pub(super) unsafe fn attempt(self, op: Op, elem: *mut u8, size: usize) -> Attempt {
        // SAFETY: forwarded.
        unsafe {
            match op {
                Op::Send => self.try_send(elem, size),
                Op::Recv => self.try_recv(elem, size),
            }
        }
    }

    /// Could `op` proceed? Counts decided selects as waiters, so the attempt decides.
    pub(super) fn seems_ready(self, op: Op) -> bool {
        self.is_ready_by_state()
            || match op {
                Op::Send => self.count() < self.cap || !self.recvq().is_empty(),
                Op::Recv => self.count() > 0 || !self.sendq().is_empty(),
            }
    }

    /// Queues a waiter, whose owner is about to park.
    pub(super) fn enqueue(self, op: Op, sg: Stays<Sudog>) {
        self.queue(op).push(sg);
        if let Some(timer) = self.timer() {
            timer.timed().somebody_waits(self);
        }
    }

    /// Queues a future's waiter.
    pub(super) fn enqueue_task(self, op: Op, sg: Stays<Sudog>) {
        self.queue(op).push(sg);
        if let Some(timer) = self.timer() {
            timer.timed().update(self);
        }
    }

    /// Takes a waiter out if it is still in.
    ///
    /// # Safety
    /// As [`Queue::remove`].
    pub(super) unsafe fn cancel(self, op: Op, sg: Stays<Sudog>) {
        // SAFETY: forwarded.
        unsafe { self.queue(op).remove(sg) };
        if let Some(timer) = self.timer() {
            timer.timed().update(self);
        }
    }

    /// Closes the channel; `false`: it was closed before.
    pub(super) fn mark_closed(self) -> bool {
        let state = self.state.load(Ordering::Relaxed);
        if state & CLOSED != 0 {
            return false;
        }
        // Release: a goroutine that sees the channel closed sees what happened before the close.
        self.state.store(state | CLOSED, Ordering::Release);
        true
    }

    /// No goroutine will receive any more.
    pub(super) fn mark_abandoned(self) {
        let state = self.state.load(Ordering::Relaxed);
        // Release: pairs with `len`'s look; all others look under the lock.
        self.state.store(state | ABANDONED, Ordering::Release);
    }
}
