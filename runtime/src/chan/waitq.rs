//! Who waits on a channel: [`Sudog`] and the queue of them, [`WaitQ`] (Go's `sudog` and `waitq`).
//!
//! A sudog lies in the frame of the goroutine (or thread) that waits. It is linked into a queue
//! under the channel's lock and stays valid until its owner is woken; whoever takes it out of the
//! queue gets, with it, the exclusive right to fill it in and to wake the owner.
//!
//! A `select` queues one sudog per arm, all sharing one [`Winner`] word. Taking such a sudog out is
//! not enough: [`WaitQ::dequeue`] must also win the word, by one CAS. A loser drops the sudog from
//! the queue and goes on to the next; the select's owner, woken by the winner, takes the rest of its
//! sudogs out of their queues, each under its channel's lock, so none is left behind.
//!
//! Every function here runs under the lock of the channel that the queue belongs to. The counters
//! `entered` and `left` are also read without it: see `RawChan::peek`.

use super::rt::{AtomicU64, Ordering, Waiter, ready};
use super::winner::Winner;
use std::cell::Cell;
use std::ptr;

/// How a channel operation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Outcome {
    /// Not yet.
    Pending,
    /// The value changed hands.
    Done,
    /// The channel is closed (for a receive: and drained).
    Closed,
    /// A send that can never finish: the last receiver is gone.
    NoReceivers,
    /// A send that nobody can receive, though there was room: the value is the sender's to drop.
    Discarded,
    /// Nothing was done: the goroutine must not block, as `before_block` will say.
    Forbidden,
}

/// One waiter in one queue.
pub(super) struct Sudog {
    next: *mut Sudog,
    prev: *mut Sudog,
    /// In a [`WakeList`]. Not `next`: a future that is dropped before it is woken may queue its node anew.
    next_to_wake: *mut Sudog,
    /// Where a receiver wants its value, or where a sender's value lies.
    pub(super) elem: *mut u8,
    pub(super) waiter: Waiter,
    /// Null for a plain operation.
    select: *const Winner,
    /// The arm's number in its select.
    pub(super) index: usize,
    pub(super) queued: bool,
    /// Not a sender who waits: it has a value that was received and put back. See `lent.rs`.
    pub(super) put_back: bool,
    /// Written by the waker, read by the owner once awake.
    pub(super) outcome: Outcome,
}

impl Sudog {
    /// A sudog of a plain send or receive.
    pub(super) fn new(elem: *mut u8, waiter: Waiter) -> Self {
        Sudog {
            next: ptr::null_mut(),
            prev: ptr::null_mut(),
            next_to_wake: ptr::null_mut(),
            elem,
            waiter,
            select: ptr::null(),
            index: 0,
            queued: false,
            put_back: false,
            outcome: Outcome::Pending,
        }
    }

    /// Makes the sudog of a select's arm.
    ///
    /// # Safety
    /// `sg` is valid for writes and in no queue.
    pub(super) unsafe fn prepare(
        sg: *mut Sudog,
        elem: *mut u8,
        index: usize,
        waiter: Waiter,
        select: *const Winner,
    ) {
        // SAFETY: the caller's promise. `next`, `prev` and `queued` are written by `push`.
        unsafe {
            (*sg).elem = elem;
            (*sg).index = index;
            (*sg).waiter = waiter;
            (*sg).select = select;
            (*sg).put_back = false;
            (*sg).outcome = Outcome::Pending;
        }
    }
}

/// A doubly linked first-in first-out list of sudogs.
pub(super) struct WaitQ {
    first: Cell<*mut Sudog>,
    last: Cell<*mut Sudog>,
    /// How many sudogs ever came in and went out. Stored with Release, so that a reader without the
    /// lock who sees a count also sees what its writer did before, on any channel.
    entered: AtomicU64,
    left: AtomicU64,
}

impl WaitQ {
    pub(super) const fn new() -> Self {
        WaitQ {
            first: Cell::new(ptr::null_mut()),
            last: Cell::new(ptr::null_mut()),
            entered: AtomicU64::new(0),
            left: AtomicU64::new(0),
        }
    }

    /// Without the lock: (does somebody seem to wait, how many ever entered).
    ///
    /// `left` is read first, so "nobody" was true when `entered` was read: `entered >= left` always,
    /// and `left` only grows.
    #[inline]
    pub(super) fn peek(&self) -> (bool, u64) {
        let left = self.left.load(Ordering::Acquire);
        let entered = self.entered.load(Ordering::Acquire);
        (entered != left, entered)
    }

    /// How many sudogs are queued, decided selects included.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> u64 {
        let left = self.left.load(Ordering::Acquire);
        self.entered.load(Ordering::Acquire) - left
    }

    #[inline]
    pub(super) fn entered(&self) -> u64 {
        self.entered.load(Ordering::Acquire)
    }

    /// How many were ever taken out; the lock is held.
    pub(super) fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// Appends `sg`.
    ///
    /// # Safety
    /// The lock is held; `sg` is in no queue and stays valid until it is taken out again.
    pub(super) unsafe fn push(&self, sg: *mut Sudog) {
        let last = self.last.replace(sg);
        // SAFETY: `sg` is the caller's; `last`, if any, is queued here and so valid.
        unsafe {
            (*sg).next = ptr::null_mut();
            (*sg).prev = last;
            (*sg).queued = true;
            if last.is_null() {
                self.first.set(sg);
            } else {
                (*last).next = sg;
            }
        }
        bump(&self.entered);
    }

    /// Queues a value that was put back: before all who wait, behind those that are `earlier`.
    ///
    /// # Safety
    /// As [`push`](Self::push).
    pub(super) unsafe fn insert_put_back(
        &self,
        sg: *mut Sudog,
        earlier: impl Fn(*mut Sudog) -> bool,
    ) {
        let (mut prev, mut next) = (ptr::null_mut::<Sudog>(), self.first.get());
        // SAFETY: as in `push`.
        unsafe {
            while !next.is_null() && (*next).put_back && earlier(next) {
                (prev, next) = (next, (*next).next);
            }
            (*sg).next = next;
            (*sg).prev = prev;
            (*sg).queued = true;
            match prev.is_null() {
                true => self.first.set(sg),
                false => (*prev).next = sg,
            }
            match next.is_null() {
                true => self.last.set(sg),
                false => (*next).prev = sg,
            }
        }
        bump(&self.entered);
    }

    /// Is the first one a value that was put back?
    ///
    /// # Safety
    /// The lock is held.
    #[inline(always)]
    pub(super) unsafe fn has_put_back(&self) -> bool {
        let first = self.first.get();
        // SAFETY: a queued sudog is valid.
        !first.is_null() && unsafe { (*first).put_back }
    }

    /// How many values were put back; the lock is held.
    pub(super) fn put_backs(&self) -> usize {
        let (mut count, mut sg) = (0, self.first.get());
        // SAFETY: queued sudogs are valid; those stand first.
        unsafe {
            while !sg.is_null() && (*sg).put_back {
                (count, sg) = (count + 1, (*sg).next);
            }
        }
        count
    }

    /// Takes the longest waiting sudog out, if one can be had; its owner is now the caller's to
    /// wake. Sudogs of selects that have been decided elsewhere are thrown out on the way.
    ///
    /// # Safety
    /// The lock is held.
    #[inline]
    pub(super) unsafe fn dequeue(&self) -> Option<*mut Sudog> {
        loop {
            let sg = self.first.get();
            if sg.is_null() {
                return None;
            }
            // SAFETY: a queued sudog is valid; its `Winner` lies in the same frame and cannot go
            // before the owner has taken this sudog out under the lock we hold.
            unsafe {
                self.unlink(sg);
                let select = (*sg).select;
                if select.is_null() || (*select).claim((*sg).index) {
                    return Some(sg);
                }
            }
        }
    }

    /// Takes `sg` out if it is still in.
    ///
    /// # Safety
    /// The lock is held; `sg` is valid and was pushed here.
    pub(super) unsafe fn remove(&self, sg: *mut Sudog) {
        // SAFETY: the caller's promise.
        unsafe {
            if (*sg).queued {
                self.unlink(sg);
            }
        }
    }

    /// [`dequeue`](Self::dequeue) that passes over values which were put back; they stand first.
    ///
    /// # Safety
    /// The lock is held.
    pub(super) unsafe fn dequeue_waiter(&self) -> Option<*mut Sudog> {
        let mut sg = self.first.get();
        // SAFETY: as in `dequeue`; the next is read before `sg` leaves.
        unsafe {
            while !sg.is_null() {
                let next = (*sg).next;
                if !(*sg).put_back {
                    self.unlink(sg);
                    let select = (*sg).select;
                    if select.is_null() || (*select).claim((*sg).index) {
                        return Some(sg);
                    }
                }
                sg = next;
            }
        }
        None
    }

    /// Takes everybody who waits out, as a list whose first is the *last* in the queue (Go wakes the waiters
    /// of a closed channel from a stack), put in front of `rest`.
    ///
    /// # Safety
    /// The lock is held.
    pub(super) unsafe fn drain(&self, outcome: Outcome, mut rest: WakeList) -> WakeList {
        // SAFETY: forwarded; a dequeued sudog is ours until its owner is woken.
        unsafe {
            while let Some(sg) = self.dequeue_waiter() {
                (*sg).outcome = outcome;
                rest.push(sg);
            }
        }
        rest
    }

    /// # Safety
    /// The lock is held; `sg` is in this queue.
    #[inline]
    unsafe fn unlink(&self, sg: *mut Sudog) {
        // SAFETY: `sg` and its neighbours are queued here, so valid, and only we change them.
        unsafe {
            let (next, prev) = ((*sg).next, (*sg).prev);
            if prev.is_null() {
                self.first.set(next);
            } else {
                (*prev).next = next;
            }
            if next.is_null() {
                self.last.set(prev);
            } else {
                (*next).prev = prev;
            }
            (*sg).queued = false;
        }
        bump(&self.left);
    }
}

/// One more; the lock makes it a plain load and store. Release: see [`WaitQ::entered`].
#[inline]
pub(super) fn bump(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
}

/// Sudogs taken out of their queues whose owners are still to be woken, after the lock is given back.
#[must_use]
pub(super) struct WakeList(*mut Sudog);

impl WakeList {
    pub(super) const EMPTY: WakeList = WakeList(ptr::null_mut());

    /// One more, in front.
    ///
    /// # Safety
    /// `sg` was dequeued, so it is the caller's until it is woken.
    pub(super) unsafe fn push(&mut self, sg: *mut Sudog) {
        // SAFETY: the caller's promise.
        unsafe { (*sg).next_to_wake = self.0 };
        self.0 = sg;
    }

    /// The first, which is to be woken.
    fn pop(&mut self) -> Option<*mut Sudog> {
        let sg = self.0;
        // SAFETY: what is listed is ours.
        (!sg.is_null()).then(|| unsafe {
            self.0 = (*sg).next_to_wake;
            sg
        })
    }

    /// Calls `f` with each that is in front of `rest`.
    pub(super) fn each_before(&self, rest: *mut Sudog, mut f: impl FnMut(*mut Sudog)) {
        let mut sg = self.0;
        while !ptr::eq(sg, rest) {
            f(sg);
            // SAFETY: what is listed is ours.
            sg = unsafe { (*sg).next_to_wake };
        }
    }

    /// The first, or null.
    pub(super) fn first(&self) -> *mut Sudog {
        self.0
    }

    /// Wakes them all, front to back.
    ///
    /// # Safety
    /// No spinlock is held.
    pub(super) unsafe fn wake_all(mut self) {
        while let Some(sg) = self.pop() {
            // SAFETY: `sg` is ours until `wake`; its link was read before.
            unsafe { wake(sg) };
        }
    }
}

/// Wakes the owner of a sudog whose outcome has been filled in.
///
/// # Safety
/// The caller took `sg` out of its queue (and won its select); no spinlock is held. `sg` is gone
/// afterwards.
#[inline]
pub(super) unsafe fn wake(sg: *mut Sudog) {
    // SAFETY: `sg` was dequeued by the caller, which is the exclusive proof that `ready` wants, and
    // the lock under which it was queued was released by the owner's `park`.
    unsafe {
        let waiter = (*sg).waiter;
        ready(waiter);
    }
}
