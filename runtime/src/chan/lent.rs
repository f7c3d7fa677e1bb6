//! Values that futures have been handed and not yet looked at.
//!
//! A goroutine that is served is woken and takes its value. A future may be dropped instead, or never be polled
//! again. So what it is handed stays the channel's: it is *lent*. It lies in the future's node, which stands in
//! the list [`Lent`], until the future is polled and takes it. All of this happens under the channel's lock, the
//! copying, too; so at each moment it is clear where a value is.
//!
//! * The future is dropped: the value is put back (`put_back.rs`). It goes to who waits, else it stands in the
//!   queue of senders, before all who wait there, in its node. It is among the values of the channel: `sent`
//!   counts it, and a send has less room.
//! * The channel is closed: what is lent is not received yet, so the channel is not drained. A receiver that would
//!   be told of the end robs the node that was lent a value first, whose future will be told of the end instead.
//!
//! Values are stamped with the moment at which they were first lent. A receiver is only served past the ring if
//! that is empty, so stamps are in the order of sending, and all that is in the ring was sent later. Whoever puts
//! back, in whatever order, restores that of the stamps.

use super::rt::{Kind, Task};
use super::waitq::Sudog;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// How the node of a future begins. All but the two functions is under the channel's lock.
#[repr(C)]
pub(super) struct Head {
    /// First: wakers know the node by it.
    pub(super) task: Task,
    /// Lets go of the part in the node that the queue has of a value put back, which is dropped if so told.
    /// Runs the user's code then, so with nothing locked.
    pub(super) let_go: unsafe fn(NonNull<Head>, drop_value: bool),
    pub(super) sudog: Sudog,
    pub(super) next: *mut Head,
    prev: *mut Head,
    pub(super) stamp: u64,
    pub(super) lent: bool,
}

impl Head {
    /// Of an operation that has not begun.
    pub(super) fn new(task: Task, let_go: unsafe fn(NonNull<Head>, bool), sudog: Sudog) -> Self {
        Head {
            task,
            let_go,
            sudog,
            next: ptr::null_mut(),
            prev: ptr::null_mut(),
            stamp: 0,
            lent: false,
        }
    }

    /// The node of a sudog that is a future's.
    ///
    /// # Safety
    /// `sg` is valid.
    #[inline]
    pub(super) unsafe fn of(sg: *mut Sudog) -> Option<*mut Head> {
        // SAFETY: the caller's promise; a task on a channel is the beginning of a node.
        match unsafe { (*sg).waiter.kind() } {
            Kind::Task(task) => Some(task.cast().as_ptr()),
            _ => None,
        }
    }
}

/// The nodes with a lent value, in the order of their stamps.
pub(super) struct Lent {
    first: Cell<*mut Head>,
    last: Cell<*mut Head>,
}

impl Lent {
    pub(super) const fn new() -> Self {
        Lent {
            first: Cell::new(ptr::null_mut()),
            last: Cell::new(ptr::null_mut()),
        }
    }

    /// The one that was lent first, or null.
    pub(super) fn first(&self) -> *mut Head {
        self.first.get()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// # Safety
    /// The lock is held; `head` is valid, in no list, and has a value.
    pub(super) unsafe fn insert(&self, head: *mut Head, stamp: u64) {
        let (mut prev, mut next) = (self.last.get(), ptr::null_mut());
        // SAFETY: listed nodes are valid until they are taken out, and change under the lock only.
        unsafe {
            while !prev.is_null() && (*prev).stamp > stamp {
                (prev, next) = ((*prev).prev, prev);
            }
            (*head).stamp = stamp;
            (*head).lent = true;
            (*head).prev = prev;
            (*head).next = next;
        }
        self.link(prev, next, head, head);
    }

    /// # Safety
    /// The lock is held; `head` is in this list.
    pub(super) unsafe fn remove(&self, head: *mut Head) {
        // SAFETY: as in `insert`.
        let (prev, next) = unsafe {
            (*head).lent = false;
            ((*head).prev, (*head).next)
        };
        self.link(prev, next, next, prev);
    }

    /// After `prev` comes `after`, and before `next` comes `before`.
    fn link(&self, prev: *mut Head, next: *mut Head, after: *mut Head, before: *mut Head) {
        // SAFETY: as in `insert`; both are listed, or null.
        unsafe {
            match prev.is_null() {
                true => self.first.set(after),
                false => (*prev).next = after,
            }
            match next.is_null() {
                true => self.last.set(before),
                false => (*next).prev = before,
            }
        }
    }
}
