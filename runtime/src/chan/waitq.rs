//! The waiters of a channel: [`Sudog`] and the queue of them, [`WaitQ`] (Go's `sudog` and `waitq`).
//!
//! A sudog lies in the frame of the goroutine (or thread) that waits. It is linked into a queue
//! under the channel's lock and stays valid until its owner is woken; the waker that takes it out
//! of the queue gets, with it, the exclusive right to fill it in and to wake the owner.
//!
//! A `select` queues one sudog per arm, all sharing one [`Winner`] word. Taking such a sudog out is
//! not enough: [`WaitQ::dequeue`] must also win the word, by one CAS. A loser drops the sudog from
//! the queue and goes on to the next; the select's owner, woken by the winner, takes the rest of its
//! sudogs out of their queues, each under its channel's lock, so none is left behind.
//!
//! Every function here runs under the lock of the channel that the queue belongs to. The counters
//! `entered` and `left` are also read without it: see `RawChan::peek`.

use super::rt::{AT_ONCE, AtomicU64, Kind, Ordering, Task, Waiter, fetch, fetch_beyond, ready};
use super::winner::Winner;
use std::cell::Cell;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// A pointer to something that waits in a queue or list, or was just taken out of it.
pub(super) struct Stays<T>(NonNull<T>);

impl<T> Clone for Stays<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Stays<T> {}

impl<T> Stays<T> {
    /// # Safety
    /// It stays where it is for as long as it is in a queue or list, and then until the waker that took it out
    /// has woken its owner. It is put into a queue, or list, only while it is in none.
    #[inline(always)]
    pub(super) unsafe fn new(this: NonNull<T>) -> Self {
        Stays(this)
    }

    /// Where it is.
    #[inline(always)]
    pub(super) fn as_non_null(self) -> NonNull<T> {
        self.0
    }
}

impl<T> Deref for Stays<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: it stays, as `new` was promised. It is all cells, so references do not mind each other.
        unsafe { self.0.as_ref() }
    }
}

/// A place for one, or none.
pub(super) type Link<T> = Cell<Option<Stays<T>>>;

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
    /// A send that no goroutine can receive, though there was room: the value is the sender's to drop.
    Discarded,
    /// Nothing was done: the goroutine must not block, as `before_block` will say.
    Forbidden,
}

/// One waiter in one queue.
pub(super) struct Sudog {
    next: Link<Sudog>,
    prev: Link<Sudog>,
    /// In a [`WakeList`]. Not `next`: a future that is dropped before it is woken may queue its node anew.
    next_to_wake: Link<Sudog>,
    /// Where a receiver wants its value, or where a sender's value lies.
    elem: Cell<*mut u8>,
    waiter: Cell<Waiter>,
    /// Null for a plain operation.
    select: *const Winner,
    /// The arm's number in its select.
    index: u32,
    queued: Cell<bool>,
    /// Not a sender that waits: it has a value that was received and put back. See `lent.rs`.
    put_back: Cell<bool>,
    /// Written by the waker, read by the owner once awake.
    outcome: Cell<Outcome>,
}

impl Sudog {
    /// A sudog of a plain send or receive.
    #[inline]
    pub(super) fn new(elem: *mut u8, waiter: Waiter) -> Self {
        Sudog {
            next: Cell::new(None),
            prev: Cell::new(None),
            next_to_wake: Cell::new(None),
            elem: Cell::new(elem),
            waiter: Cell::new(waiter),
            select: ptr::null(),
            index: 0,
            queued: Cell::new(false),
            put_back: Cell::new(false),
            outcome: Cell::new(Outcome::Pending),
        }
    }

    /// A sudog of arm `index` of the select that `winner` decides.
    ///
    /// # Safety
    /// The word is there for as long as the sudog is queued.
    #[inline]
    pub(super) unsafe fn of_arm(elem: *mut u8, index: u32, winner: &Winner) -> Self {
        Sudog {
            select: ptr::from_ref(winner),
            index,
            ..Sudog::new(elem, winner.waiter())
        }
    }

    /// Where the value is, or is to be put.
    #[inline(always)]
    pub(super) fn elem(&self) -> *mut u8 {
        self.elem.get()
    }

    #[inline(always)]
    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.get()
    }

    /// Its operation is over, or its value has been taken away again.
    #[inline(always)]
    pub(super) fn set_outcome(&self, outcome: Outcome) {
        self.outcome.set(outcome);
    }

    pub(super) fn is_queued(&self) -> bool {
        self.queued.get()
    }

    /// Before it is queued: what became known since it was made.
    pub(super) fn is_of(&self, elem: *mut u8, waiter: Waiter) {
        self.elem.set(elem);
        self.waiter.set(waiter);
    }

    /// The future that it is of.
    #[inline(always)]
    pub(super) fn task(&self) -> Option<NonNull<Task>> {
        match self.waiter.get().kind() {
            Kind::Task(task) => Some(task),
            _ => None,
        }
    }

    /// Is it its turn? Not if its select was decided elsewhere.
    #[inline(always)]
    fn claim(&self) -> bool {
        // SAFETY: the word lies in the frame of a sudog that was queued a moment ago, and cannot go before the
        // owner has looked for this sudog under the lock that is held. It was taken out, and is woken as `Taken`.
        self.select.is_null() || unsafe { (*self.select).claim(self.index as usize) }
    }
}

/// A waiter that was taken out of its queue. Only the holder of this fills it in and wakes it.
#[must_use = "its owner would sleep for ever"]
pub(super) struct Taken(Stays<Sudog>);

impl Deref for Taken {
    type Target = Sudog;
    #[inline(always)]
    fn deref(&self) -> &Sudog {
        &self.0
    }
}

impl Taken {
    /// Where it is.
    #[inline(always)]
    pub(super) fn place(&self) -> Stays<Sudog> {
        self.0
    }

    /// Wakes the owner, whose outcome has been filled in; with no spinlock held.
    #[inline]
    pub(super) fn wake(self) {
        let waiter = self.waiter.get();
        // SAFETY: this is the exclusive right that `ready` wants, and is used up. The lock under which it was
        // queued was released by the owner's `park`. The sudog may be gone after this.
        unsafe { ready(waiter) }
    }
}

/// A doubly linked first-in first-out list of sudogs. [`Queue`] is what its lock's holder sees of it.
pub(super) struct WaitQ {
    first: Link<Sudog>,
    last: Link<Sudog>,
    /// How many sudogs ever came in and went out. Stored with Release, so that a reader without the
    /// lock that sees a count also sees what its writer did before, on any channel.
    entered: AtomicU64,
    left: AtomicU64,
}

impl WaitQ {
    pub(super) const fn new() -> Self {
        WaitQ {
            first: Cell::new(None),
            last: Cell::new(None),
            entered: AtomicU64::new(0),
            left: AtomicU64::new(0),
        }
    }

    /// Without the lock: (does a goroutine seem to wait, how many ever entered).
    ///
    /// `left` is read first, so "no goroutine waits" was true when `entered` was read. Always
    /// `entered >= left`, and `left` only grows.
    #[inline]
    pub(super) fn peek(&self) -> (bool, u64) {
        let left = self.left.load(Ordering::Acquire);
        let entered = self.entered.load(Ordering::Acquire);
        (entered != left, entered)
    }

    #[inline]
    pub(super) fn entered(&self) -> u64 {
        self.entered.load(Ordering::Acquire)
    }

    /// The queue itself.
    ///
    /// # Safety
    /// The lock is held for as long as the result is used, or the caller has the channel to itself.
    #[inline(always)]
    pub(super) unsafe fn locked(&self) -> Queue<'_> {
        Queue(self)
    }
}

/// A [`WaitQ`] whose lock is held.
#[derive(Clone, Copy)]
pub(super) struct Queue<'a>(&'a WaitQ);

impl Queue<'_> {
    /// How many sudogs are queued, decided selects included.
    #[cfg(test)]
    pub(super) fn waiting(self) -> u64 {
        self.0.entered() - self.left()
    }

    /// How many were ever taken out.
    pub(super) fn left(self) -> u64 {
        self.0.left.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0.first.get().is_none()
    }

    /// Appends `sg`.
    pub(super) fn push(self, sg: Stays<Sudog>) {
        let last = self.0.last.replace(Some(sg));
        sg.next.set(None);
        sg.prev.set(last);
        sg.queued.set(true);
        match last {
            None => self.0.first.set(Some(sg)),
            Some(last) => last.next.set(Some(sg)),
        }
        bump(&self.0.entered);
    }

    /// Queues a value that was put back: before all waiters, behind those that are `earlier`.
    pub(super) fn insert_put_back(self, sg: Stays<Sudog>, earlier: impl Fn(Stays<Sudog>) -> bool) {
        let (mut prev, mut next) = (None, self.0.first.get());
        while let Some(other) = next
            && other.put_back.get()
            && earlier(other)
        {
            (prev, next) = (next, other.next.get());
        }
        sg.next.set(next);
        sg.prev.set(prev);
        sg.queued.set(true);
        sg.put_back.set(true);
        match prev {
            None => self.0.first.set(Some(sg)),
            Some(prev) => prev.next.set(Some(sg)),
        }
        match next {
            None => self.0.last.set(Some(sg)),
            Some(next) => next.prev.set(Some(sg)),
        }
        bump(&self.0.entered);
    }

    /// Is the first one a value that was put back?
    #[inline(always)]
    pub(super) fn has_put_back(self) -> bool {
        self.0.first.get().is_some_and(|first| first.put_back.get())
    }

    /// How many values were put back.
    pub(super) fn put_backs(self) -> usize {
        let (mut count, mut sg) = (0, self.0.first.get());
        while let Some(this) = sg
            && this.put_back.get()
        {
            (count, sg) = (count + 1, this.next.get());
        }
        count
    }

    /// Takes the longest waiting sudog out, if one can be had; its owner is now the caller's to
    /// wake. Sudogs of selects that have been decided elsewhere are thrown out on the way.
    #[inline]
    pub(super) fn dequeue(self) -> Option<Taken> {
        loop {
            let sg = self.0.first.get()?;
            self.unlink(sg);
            if sg.claim() {
                return Some(Taken(sg));
            }
        }
    }

    /// Takes `sg` out if it is still in.
    ///
    /// # Safety
    /// It was pushed here last.
    pub(super) unsafe fn remove(self, sg: Stays<Sudog>) {
        if sg.queued.get() {
            self.unlink(sg);
        }
    }

    /// [`dequeue`](Self::dequeue) that passes over values which were put back; they stand first.
    pub(super) fn dequeue_waiter(self) -> Option<Taken> {
        let mut next = self.0.first.get();
        while let Some(sg) = next {
            // Read before `sg` leaves.
            next = sg.next.get();
            if !sg.put_back.get() {
                self.unlink(sg);
                if sg.claim() {
                    return Some(Taken(sg));
                }
            }
        }
        None
    }

    /// Takes all waiters out, as a list whose first is the *last* in the queue (Go wakes the waiters of a
    /// closed channel from a stack).
    pub(super) fn drain(self, outcome: Outcome) -> WakeList {
        let mut all = WakeList::EMPTY;
        while let Some(sg) = self.dequeue_waiter() {
            sg.set_outcome(outcome);
            all.push(sg);
        }
        all
    }

    /// Takes some of the waiters out, from the end on, and says whether there may be more: what
    /// [`drain`](Self::drain) does with all. Waiters lie in cold memory: to take out a thousand under one lock
    /// would keep others spinning for as long, and the first would be cold again when they are woken.
    pub(super) fn drain_some(self, outcome: Outcome) -> (WakeList, bool) {
        let mut some = WakeList::EMPTY;
        let mut end: Option<Stays<Sudog>> = None;
        for _ in 0..AT_ONCE {
            let Some(sg) = self.0.last.get() else {
                return (some, false);
            };
            if let Some(before) = sg.prev.get() {
                fetch_beyond(sg.0, before.0);
            }
            self.unlink(sg);
            if sg.claim() {
                fetch(sg.waiter.get());
                sg.set_outcome(outcome);
                sg.next_to_wake.set(None);
                match end.replace(sg) {
                    None => some = WakeList(Some(sg)),
                    Some(before) => before.next_to_wake.set(Some(sg)),
                }
            }
        }
        (some, true)
    }

    #[inline]
    fn unlink(self, sg: Stays<Sudog>) {
        let (next, prev) = (sg.next.get(), sg.prev.get());
        match prev {
            None => self.0.first.set(next),
            Some(prev) => prev.next.set(next),
        }
        match next {
            None => self.0.last.set(prev),
            Some(next) => next.prev.set(prev),
        }
        sg.queued.set(false);
        bump(&self.0.left);
    }
}

/// One more; the lock makes it a plain load and store. Release: see [`WaitQ::entered`].
#[inline]
pub(super) fn bump(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
}

/// Sudogs taken out of their queues whose owners are still to be woken, after the lock is given back.
#[must_use]
pub(super) struct WakeList(Option<Stays<Sudog>>);

impl WakeList {
    pub(super) const EMPTY: WakeList = WakeList(None);

    /// One more, in front.
    pub(super) fn push(&mut self, sg: Taken) {
        sg.next_to_wake.set(self.0);
        self.0 = Some(sg.0);
    }

    /// Calls `f` with each.
    pub(super) fn each(&self, mut f: impl FnMut(Stays<Sudog>)) {
        let mut sg = self.0;
        while let Some(this) = sg {
            f(this);
            sg = this.next_to_wake.get();
        }
    }

    /// Wakes them all, front to back; with no spinlock held.
    pub(super) fn wake_all(mut self) {
        while let Some(sg) = self.0 {
            // Read before it is woken.
            self.0 = sg.next_to_wake.get();
            Taken(sg).wake();
        }
    }
}
