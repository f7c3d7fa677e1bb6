//! Values that futures have been handed and not yet looked at.
//!
//! A goroutine that is served is woken and takes its value. A future may be dropped instead, or never be polled
//! again. So what it is handed stays the channel's: it is *lent*. It lies in the future's node, which stands in
//! the list [`Lent`], until the future is polled and takes it. All of this happens under the channel's lock, the
//! copying, too; so at each moment it is clear where a value is.
//!
//! * The future is dropped: the value is put back (`put_back.rs`). It goes to a receiver that waits, else it
//!   stands in the queue of senders, before all senders that wait there, in its node. It is among the values
//!   of the channel: `sent` counts it, and a send has less room.
//! * The channel is closed: what is lent is not received yet, so the channel is not drained. A receiver that would be
//!   told of the end robs the node that was lent a value first; that node's future will be told of the end instead.
//!
//! Values are stamped with the moment at which they were first lent. A receiver is only served past the ring if
//! that is empty, so stamps are in the order of sending, and all that is in the ring was sent later. In whatever
//! order values are put back, they end up in the order of their stamps.

use super::rt::Task;
use super::waitq::{Link, Stays, Sudog};
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// How the node of a future begins. All but the two functions is under the channel's lock.
#[repr(C)]
pub(super) struct Head {
    /// First: wakers know the node by it.
    pub(super) task: Task,
    /// Ends the queue's share in the node of a value that was put back, and drops the value if told so.
    /// Runs the user's code then, so with nothing locked.
    pub(super) let_go: unsafe fn(NonNull<Head>, drop_value: bool),
    pub(super) sudog: Sudog,
    pub(super) next: Link<Head>,
    prev: Link<Head>,
    pub(super) stamp: Cell<u64>,
    /// The list of lent ones that it is in; null: none.
    lent: Cell<*const Lent>,
}

impl Head {
    /// Of an operation that has not begun.
    pub(super) fn new(task: Task, let_go: unsafe fn(NonNull<Head>, bool), sudog: Sudog) -> Self {
        Head {
            task,
            let_go,
            sudog,
            next: Cell::new(None),
            prev: Cell::new(None),
            stamp: Cell::new(0),
            lent: Cell::new(ptr::null()),
        }
    }

    /// The node of a sudog that is a future's.
    #[inline]
    pub(super) fn of(sg: Stays<Sudog>) -> Option<Stays<Head>> {
        // SAFETY: a task on a channel is the beginning of a node, which stays as long as its sudog.
        sg.task().map(|task| unsafe { Stays::new(task.cast()) })
    }

    /// Its place in a queue.
    pub(super) fn place(this: Stays<Head>) -> Stays<Sudog> {
        // SAFETY: a part of it, which stays as long.
        unsafe { Stays::new(NonNull::from(&this.sudog)) }
    }
}

/// The nodes with a lent value, in the order of their stamps. Reached by the lock's holder.
pub(super) struct Lent {
    first: Link<Head>,
    last: Link<Head>,
}

impl Lent {
    pub(super) const fn new() -> Self {
        Lent {
            first: Cell::new(None),
            last: Cell::new(None),
        }
    }

    /// Takes out the one that was lent first.
    pub(super) fn pop(&self) -> Option<Stays<Head>> {
        let first = self.first.get()?;
        self.remove(first);
        Some(first)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// It has a value from now on.
    pub(super) fn insert(&self, head: Stays<Head>, stamp: u64) {
        let (mut prev, mut next) = (self.last.get(), None);
        while let Some(before) = prev
            && before.stamp.get() > stamp
        {
            (prev, next) = (before.prev.get(), prev);
        }
        head.stamp.set(stamp);
        head.lent.set(self);
        head.prev.set(prev);
        head.next.set(next);
        self.link(prev, next, Some(head), Some(head));
    }

    /// Takes it out. `false`: it is not in here.
    pub(super) fn remove(&self, head: Stays<Head>) -> bool {
        if !ptr::eq(head.lent.get(), self) {
            return false;
        }
        head.lent.set(ptr::null());
        let (prev, next) = (head.prev.get(), head.next.get());
        self.link(prev, next, next, prev);
        true
    }

    /// After `prev` comes `after`, and before `next` comes `before`.
    fn link(
        &self,
        prev: Option<Stays<Head>>,
        next: Option<Stays<Head>>,
        after: Option<Stays<Head>>,
        before: Option<Stays<Head>>,
    ) {
        match prev {
            None => self.first.set(after),
            Some(prev) => prev.next.set(after),
        }
        match next {
            None => self.last.set(before),
            Some(next) => next.prev.set(before),
        }
    }
}
