//! A queue of callers that wait, linked through their frames: what [`Sema`](super::sema) and
//! [`Cond`](super::cond) have behind their locks.
//!
//! A [`Place`] lies in the waiter's frame. It is linked by [`Queue::push`], and comes out by [`Queue::pop`].
//! If its owner is not asleep it may vanish as soon as the lock is given back after that; if its owner is
//! asleep, when the owner is woken.

use super::rt::{Parked, Parking, SpinGuard, WaitReason};
use std::cell::Cell;
use std::ptr;

/// One place in a queue.
pub(super) struct Place<T> {
    value: T,
    /// The owner, once it sleeps.
    asleep: Cell<Option<Parked>>,
    queued: Cell<bool>,
    next: Cell<*const Place<T>>,
}

impl<T> Place<T> {
    pub(super) fn new(value: T) -> Self {
        Place {
            value,
            asleep: Cell::new(None),
            queued: Cell::new(false),
            next: Cell::new(ptr::null()),
        }
    }

    pub(super) fn is_queued(&self) -> bool {
        self.queued.get()
    }

    /// The owner sleeps until it is woken.
    ///
    /// # Safety
    /// It is queued behind the lock of `guard`.
    pub(super) unsafe fn sleep<S>(
        &self,
        parking: Parking,
        why: WaitReason,
        guard: SpinGuard<'_, S>,
    ) {
        let place = self.asleep.as_ptr();
        // SAFETY: in the queue, so behind the lock, by the caller.
        parking.park(why, guard, |_| unsafe { &mut *place });
    }
}

/// A ring of which only the last is kept: its next is the first.
pub(super) struct Queue<T> {
    last: *const Place<T>,
}

// SAFETY: the places it points to outlive their being linked, and are touched by the queue's holder only.
unsafe impl<T: Send> Send for Queue<T> {}

/// Where a new one stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Behind all others: first come, first served.
    Back,
    /// Before all others: it has waited already.
    Front,
}

impl<T: Copy> Queue<T> {
    pub(super) const fn new() -> Self {
        Queue { last: ptr::null() }
    }

    /// Links `place`.
    ///
    /// # Safety
    /// It is in no queue, stays where it is until it has come out, and is used only by the holder of this queue.
    pub(super) unsafe fn push(&mut self, place: &Place<T>, at: At) {
        place.queued.set(true);
        let this = ptr::from_ref(place);
        match self.last() {
            None => place.next.set(this),
            Some(last) => place.next.set(last.next.replace(this)),
        }
        if at == At::Back || self.last.is_null() {
            self.last = this;
        }
    }

    fn last(&self) -> Option<&Place<T>> {
        // SAFETY: null, or linked, and so there.
        unsafe { self.last.as_ref() }
    }

    fn first(&self) -> Option<&Place<T>> {
        let first = self.last()?.next.get();
        // SAFETY: linked, and so there.
        Some(unsafe { &*first })
    }

    /// What the first has with it.
    pub(super) fn peek(&self) -> Option<T> {
        self.first().map(|first| first.value)
    }

    /// Takes the first out. `Some(None)`: it does not sleep yet, and will not.
    pub(super) fn pop(&mut self) -> Option<Option<Parked>> {
        let (first, last) = (self.first()?, self.last()?);
        first.queued.set(false);
        let sleeper = first.asleep.take();
        if ptr::eq(first, last) {
            self.last = ptr::null();
        } else {
            last.next.set(first.next.get());
        }
        Some(sleeper)
    }
}
