//! A channel operation whose waiter is a future.
//!
//! A goroutine that waits stays where it is until it is woken. A future does not: it may be dropped at any
//! moment, also between being taken out of the queue and being woken. So its sudog lies in a [`Node`] of its
//! own on the heap, which has two owners: the future, and the queue or, once it was taken out, the waker. The
//! last owner to let go of it frees it.
//!
//! A node that is still queued when its future is dropped is taken out, under the lock, and nothing has
//! happened. One that is not has been served, or is being served. A send that is being served belongs to the
//! receiver until that has woken it; then the future is its only owner, and it is over. A receive is served under
//! the lock: what it was handed is [lent](super::lent) to it. The future takes it, or puts it back when it is
//! dropped; and then its part in the node may become the queue's.
//!
//! The `Waker` in the node is written under the lock while the node is queued, and belongs to the thread
//! that takes the node out. It is woken and dropped with nothing locked.

use super::hchan::{Attempt, Op, RawChan};
use super::lent::Head;
use super::put_back::PutBackTo;
use super::rt::{AtomicU8, Ordering, Task, Waiter, guarded};
use super::typed::Typed;
use super::wait::finish;
use super::waitq::{Outcome, Stays, Sudog};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::task::{Context, RawWakerVTable, Waker};

#[repr(C)]
struct Node<T> {
    /// First: the channel knows the node by it, and it is under the channel's lock.
    head: Head,
    /// How many there are: two, and then one.
    owners: AtomicU8,
    op: Op,
    chan: *const RawChan,
    /// Under the channel's lock while queued.
    waker: UnsafeCell<Option<Waker>>,
    /// What is to be sent, or was received.
    value: UnsafeCell<MaybeUninit<T>>,
}

/// A waiting operation, as its future has it. If it is dropped and not cancelled, it leaks.
pub(super) struct Waiting<T> {
    /// `None` once it is over.
    node: Option<NonNull<Node<T>>>,
    /// Which waker the node was given last. It lives as long as it is there, so its address says which it is.
    waker: (*const (), &'static RawWakerVTable),
}

// SAFETY: the node is made to be shared between threads; the value in it moves from one to another. The
// waker's address is only compared.
unsafe impl<T: Send> Send for Waiting<T> {}
// SAFETY: all methods take `&mut self`.
unsafe impl<T: Send> Sync for Waiting<T> {}

/// The result of an operation: a send's value is back unless it is `Done`, a receive's is there if it is.
pub(super) type Ended<T> = (Outcome, Option<T>);

impl<T> Waiting<T> {
    /// Tries `op` and, if it has to wait, queues it for `cx`.
    ///
    /// # Safety
    /// The channel is there until the result is over or cancelled.
    pub(super) unsafe fn begin(
        chan: Typed<'_, T>,
        op: Op,
        value: Option<T>,
        cx: &Context<'_>,
    ) -> Result<Self, Ended<T>> {
        debug_assert_eq!(op == Op::Send, value.is_some());
        let waker = cx.waker().clone();
        let tag = (waker.data(), waker.vtable());
        let sudog = Sudog::new(ptr::null_mut(), Waiter::of_task(NonNull::dangling()));
        let task = Task { woken: woken::<T> };
        let node = Box::new(Node::<T> {
            head: Head::new(task, let_go::<T>, sudog),
            owners: AtomicU8::new(2),
            op,
            chan: chan.raw(),
            waker: UnsafeCell::new(Some(waker)),
            value: UnsafeCell::new(value.map_or(MaybeUninit::uninit(), MaybeUninit::new)),
        });
        let node = NonNull::from(Box::leak(node));
        // SAFETY: fresh; `elem` and the waiter point into it. The operation is tried under the lock with a
        // value, or room for one, of the element type, and the node stays until it has been taken out.
        unsafe {
            let n = node.as_ref();
            let elem = n.value.get().cast::<u8>();
            n.head.sudog.is_of(elem, Waiter::of_task(node.cast()));
            let guard = chan.lock();
            let attempt = guard.locked().attempt(op, elem, size_of::<T>());
            if !matches!(attempt, Attempt::Blocked) {
                drop(guard);
                let outcome = finish(attempt, op, elem, size_of::<T>());
                return Err(Node::end(node, outcome));
            }
            // As in `wait_as`: the goroutine that drops the last receiver sees us in the queue, or we see the count.
            if op == Op::Send && !chan.handles.has_receivers() {
                drop(guard);
                return Err(Node::end(node, Outcome::NoReceivers));
            }
            guard
                .locked()
                .enqueue_task(op, Head::place(Stays::new(node.cast())));
            let node = Some(node);
            Ok(Waiting { node, waker: tag })
        }
    }

    /// Is it over? If not, `cx` will be woken.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Option<Ended<T>> {
        let this = self.node?;
        // SAFETY: ours, too, until we have let go of it; and the handle that this operation was begun with keeps the
        // channel.
        let (node, chan) = unsafe { (this.as_ref(), &*this.as_ref().chan) };
        let tag = (cx.waker().data(), cx.waker().vtable());
        // Acquire pairs with the waker's letting go: we see what it did.
        let mut woken = node.owners.load(Ordering::Acquire) == 1;
        if !woken && tag == self.waker {
            return None;
        }
        let mut new = (tag != self.waker).then(|| cx.waker().clone());
        let guard = chan.lock();
        let queued = node.head.sudog.is_queued();
        // SAFETY: locked; while it is queued, the waker is under the lock.
        let outcome = unsafe {
            if queued {
                ptr::swap(node.waker.get(), &mut new);
            }
            let served = !queued && node.op == Op::Recv;
            served.then(|| guard.locked().take_lent(Stays::new(this.cast())))
        };
        drop(guard);
        if queued {
            self.waker = tag;
        }
        guarded(|| drop(new));
        if let Some(outcome) = outcome {
            self.node = None;
            // SAFETY: ours, if it is there, since it was taken; the node is let go of once.
            return Some(unsafe {
                let value = (outcome == Outcome::Done).then(|| Node::take(this));
                Node::release(this);
                (outcome, value)
            });
        }
        if queued {
            return None;
        }
        // A send that is being served: the old waker, which may be another task's, will be woken.
        woken = woken || node.owners.load(Ordering::Acquire) == 1;
        if woken {
            self.node = None;
            // SAFETY: ours alone, and over.
            return Some(unsafe { Node::end(this, node.head.sudog.outcome()) });
        }
        cx.waker().wake_by_ref();
        None
    }

    /// The operation is no longer wanted.
    pub(super) fn cancel(self) {
        let Some(this) = self.node else { return };
        // SAFETY: ours, too. The handle that this operation was begun with keeps the channel.
        unsafe {
            let node = this.as_ref();
            let head = Stays::new(this.cast());
            let chan = &*node.chan;
            let guard = chan.lock();
            let queued = node.head.sudog.is_queued();
            let mut to = None;
            if queued {
                guard.locked().cancel(node.op, Head::place(head));
            } else if node.op == Op::Recv {
                to = guard.locked().put_back(head);
            }
            drop(guard);
            if queued {
                // No other code knows it any more, and nothing has happened.
                return drop(Node::end(this, Outcome::Pending));
            }
            match to {
                Some(PutBackTo::Queue) => {}
                Some(PutBackTo::Nobody) => {
                    let value = Node::take(this);
                    Node::release(this);
                    drop(value);
                }
                Some(PutBackTo::Receiver(other)) => {
                    Node::release(this);
                    other.wake();
                }
                Some(PutBackTo::Timer) | None => Node::release(this),
            }
        }
    }
}

impl<T> Node<T> {
    /// Frees the node and gives back what is in it.
    ///
    /// # Safety
    /// It is the caller's alone; `outcome` is its operation's, and what it received was not taken.
    unsafe fn end(this: NonNull<Self>, outcome: Outcome) -> Ended<T> {
        // SAFETY: made by `begin`, of a box. There is a value: of a send, unless it is done; of a receive, if
        // it is.
        unsafe {
            let node = *Box::from_raw(this.as_ptr());
            let there = (node.op == Op::Send) != (outcome == Outcome::Done);
            let value = there.then(|| node.value.into_inner().assume_init());
            (outcome, value)
        }
    }

    /// What was received.
    ///
    /// # Safety
    /// It is there, and the caller's, once.
    unsafe fn take(this: NonNull<Self>) -> T {
        // SAFETY: the caller's promise.
        unsafe { (*this.as_ref().value.get()).assume_init_read() }
    }

    /// Lets go of the node, of which the caller is one owner. `true`: that was the last one.
    ///
    /// # Safety
    /// Once for each owner.
    unsafe fn leave(this: NonNull<Self>) -> bool {
        // SAFETY: the caller is an owner, so the node is there.
        let owners = unsafe { &(*this.as_ptr()).owners };
        // AcqRel: the last one sees what the other did.
        owners.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// [`leave`](Self::leave)s, and frees the node if it has no owner left. Runs the user's code then.
    ///
    /// # Safety
    /// As `leave`; what was received was taken, or moved elsewhere.
    unsafe fn release(this: NonNull<Self>) {
        // SAFETY: forwarded.
        unsafe {
            if Node::leave(this) {
                Node::free(this);
            }
        }
    }

    /// Frees the node, and drops what is left in it: the value of a send that was not received.
    ///
    /// # Safety
    /// It is the caller's alone, and over; what was received was taken, or moved elsewhere.
    unsafe fn free(this: NonNull<Self>) {
        // SAFETY: forwarded. The `MaybeUninit` of a receive drops nothing.
        unsafe {
            let node = this.as_ref();
            match node.op {
                Op::Send => drop(Node::end(this, node.head.sudog.outcome())),
                Op::Recv => drop(Box::from_raw(this.as_ptr())),
            }
        }
    }
}

/// What [`ready`](crate::sched::ready) does for a node that was taken out of its queue.
///
/// # Safety
/// `task` is that of a node of elements `T`, of which the caller is an owner; nothing is locked.
unsafe fn woken<T>(task: NonNull<Task>) {
    // SAFETY: the caller's promise; after we have left, the node may be gone.
    unsafe {
        let this = task.cast::<Node<T>>();
        let waker = (*this.as_ref().waker.get()).take();
        if Node::leave(this) {
            // The future is gone.
            guarded(|| drop(waker));
            guarded(|| Node::free(this));
        } else if let Some(waker) = waker {
            guarded(|| waker.wake());
        }
    }
}

/// The queue lets go of a value that was put back, which was received or is to be dropped.
///
/// # Safety
/// `head` is that of a node of elements `T`, which was in the queue; nothing is locked.
unsafe fn let_go<T>(head: NonNull<Head>, drop_value: bool) {
    let this = head.cast::<Node<T>>();
    // SAFETY: the caller's promise.
    unsafe {
        if drop_value {
            guarded(|| drop(Node::take(this)));
        }
        guarded(|| Node::release(this));
    }
}
