//! A channel operation whose waiter is a future.
//!
//! A goroutine that waits stays where it is until it is woken. A future does not: it may be dropped at any
//! moment, also between being taken out of the queue and being woken. So its sudog lies in a [`Node`] of its
//! own on the heap, which belongs to two: to the future, and to the queue or whoever took it out. `state`
//! says who is left:
//!
//! ```text
//!  WAITING ──the waker is through──▶ DONE      the future's alone: it takes the result
//!     └─────the future is dropped──▶ LEFT      the waker's alone, who settles it when it is through
//!  PUT_BACK                                    the queue's alone
//! ```
//!
//! A node that is still queued when its future is dropped is taken out, under the lock, and nothing has
//! happened. One that is not has been served, or is being served: for a send, that is all. A value that was
//! *received* for a future that is gone would be lost, though; so it is [put back](RawChan::put_back): it goes
//! to who waits now, or to where it was before, in front of all others. If there is no room in front, the
//! node itself becomes a place for a value, and stands in the queue of senders.
//!
//! Who sends has never to wait for that: it does it in passing, if it finds the future gone.
//!
//! The `Waker` in the node is written under the lock while the node is queued, and belongs to whoever takes
//! the node out. It is woken and dropped with nothing locked.

use super::hchan::{Attempt, Op, PutBackTo, RawChan};
use super::rt::{AtomicU8, Ordering, Task, Waiter, guarded};
use super::wait::finish;
use super::waitq::{Outcome, Sudog, wake};
use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::task::{Context, RawWakerVTable, Waker};

const WAITING: u8 = 0;
const DONE: u8 = 1;
const LEFT: u8 = 2;
const PUT_BACK: u8 = 3;

#[repr(C)]
struct Node<T> {
    /// First: wakers know the node by it.
    task: Task,
    state: AtomicU8,
    op: Op,
    chan: *const RawChan,
    /// Under the channel's lock while queued.
    sudog: UnsafeCell<Sudog>,
    /// As `sudog`.
    waker: UnsafeCell<Option<Waker>>,
    /// What is to be sent, or was received.
    value: UnsafeCell<MaybeUninit<T>>,
}

/// A waiting operation, as its future has it. To be dropped before the channel's handle is.
pub(super) struct Waiting<T> {
    node: NonNull<Node<T>>,
    /// Which waker the node was given last. It lives as long as it is there, so its address says which it is.
    waker: (*const (), &'static RawWakerVTable),
}

// SAFETY: the node is made to be shared between threads; the value in it moves from one to another. The
// waker's address is only compared.
unsafe impl<T: Send> Send for Waiting<T> {}
// SAFETY: all methods take `&mut self`.
unsafe impl<T: Send> Sync for Waiting<T> {}

/// What came of an operation: a send's value is back unless it is `Done`, a receive's is there if it is.
pub(super) type Ended<T> = (Outcome, Option<T>);

impl<T> Waiting<T> {
    /// Tries `op` and, if it has to wait, queues it for `cx`.
    pub(super) fn begin(
        chan: &RawChan,
        op: Op,
        value: Option<T>,
        cx: &Context<'_>,
    ) -> Result<Self, Ended<T>> {
        debug_assert_eq!(op == Op::Send, value.is_some());
        let waker = cx.waker().clone();
        let tag = (waker.data(), waker.vtable());
        let node = Box::new(Node::<T> {
            task: Task { woken: woken::<T> },
            state: AtomicU8::new(WAITING),
            op,
            chan,
            sudog: UnsafeCell::new(Sudog::new(
                ptr::null_mut(),
                Waiter::of_task(NonNull::dangling()),
            )),
            waker: UnsafeCell::new(Some(waker)),
            value: UnsafeCell::new(value.map_or(MaybeUninit::uninit(), MaybeUninit::new)),
        });
        // SAFETY: a box.
        let node = unsafe { NonNull::new_unchecked(Box::into_raw(node)) };
        // SAFETY: fresh; `elem` and the waiter point into it. The operation is tried under the lock with a
        // value, or room for one, of the element type, and the node stays until it has been taken out.
        unsafe {
            let n = node.as_ref();
            let sg = n.sudog.get();
            let elem = n.value.get().cast::<u8>();
            (*sg).elem = elem;
            (*sg).waiter = Waiter::of_task(node.cast());
            chan.lock();
            let attempt = chan.attempt(op, elem);
            if !matches!(attempt, Attempt::Blocked) {
                chan.unlock();
                let outcome = finish(attempt, op, elem, size_of::<T>());
                return Err(Node::end(node, outcome));
            }
            // As in `wait_as`: who drops the last receiver sees us in the queue, or we see the count.
            if op == Op::Send && !chan.handles.has_receivers() {
                chan.unlock();
                return Err(Node::end(node, Outcome::NoReceivers));
            }
            chan.enqueue_task(op, sg);
            chan.unlock();
            Ok(Waiting { node, waker: tag })
        }
    }

    /// Is it over? If not, `cx` will be woken.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Option<Ended<T>> {
        // SAFETY: ours too until the state is `DONE`, and then ours alone.
        let node = unsafe { self.node.as_ref() };
        if let Some(ended) = self.take_end() {
            return Some(ended);
        }
        let waker = cx.waker();
        if (waker.data(), waker.vtable()) == self.waker {
            return None;
        }
        let mut new = Some(waker.clone());
        // SAFETY: the handle that this operation was begun with keeps the channel.
        let chan = unsafe { &*node.chan };
        chan.lock();
        // SAFETY: locked, and queued.
        let queued = unsafe { (*node.sudog.get()).queued };
        if queued {
            // SAFETY: as above.
            unsafe { ptr::swap(node.waker.get(), &mut new) };
        }
        chan.unlock();
        drop(new);
        if queued {
            self.waker = (waker.data(), waker.vtable());
            return None;
        }
        // It is being served: the old waker, which may be for somebody else, will be woken.
        self.take_end().or_else(|| {
            waker.wake_by_ref();
            None
        })
    }

    fn take_end(&mut self) -> Option<Ended<T>> {
        // SAFETY: as in `poll`. Acquire pairs with the swap in `woken`. `self` is not used after this, as
        // `poll` promises its caller.
        unsafe {
            let node = self.node.as_ref();
            (node.state.load(Ordering::Acquire) == DONE)
                .then(|| Node::end(self.node, (*node.sudog.get()).outcome))
        }
    }

    /// The operation is not wanted any more.
    pub(super) fn cancel(self) {
        // SAFETY: ours too. The handle that this operation was begun with keeps the channel.
        unsafe {
            let node = self.node.as_ref();
            let chan = &*node.chan;
            chan.lock();
            let queued = (*node.sudog.get()).queued;
            if queued {
                chan.cancel(node.op, node.sudog.get());
            }
            chan.unlock();
            if queued {
                // Nobody else knows it any more, and nothing has happened.
                drop(Node::end(self.node, Outcome::Pending));
            } else if node.state.swap(LEFT, Ordering::AcqRel) == DONE {
                // AcqRel: we see the end, or the waker sees that we have left.
                Node::settle(self.node);
            }
        }
    }
}

impl<T> Node<T> {
    /// Frees the node and gives back what is in it.
    ///
    /// # Safety
    /// It is the caller's alone; `outcome` is its operation's.
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

    /// The future is gone, and the operation over.
    ///
    /// # Safety
    /// The node is the caller's alone, and so is the end that its sudog tells; nothing is locked. The channel
    /// is there if a value was received.
    unsafe fn settle(this: NonNull<Self>) {
        // SAFETY: the caller's promise; `PutBackTo` says whose the node and its value are afterwards.
        unsafe {
            let node = this.as_ref();
            let sg = node.sudog.get();
            let outcome = (*sg).outcome;
            if node.op == Op::Send || outcome != Outcome::Done {
                return drop(Node::end(this, outcome));
            }
            let chan = &*node.chan;
            // Relaxed: whoever finds the node finds it in a queue, under the lock that we take next.
            node.state.store(PUT_BACK, Ordering::Relaxed);
            chan.lock();
            let to = chan.put_back(sg, size_of::<T>());
            chan.unlock();
            match to {
                PutBackTo::Queue => {}
                PutBackTo::Nobody => drop(Node::end(this, Outcome::Done)),
                PutBackTo::Ring => Node::forget(this),
                PutBackTo::Receiver(other) => {
                    ptr::copy_nonoverlapping((*sg).elem, (*other).elem, size_of::<T>());
                    (*other).outcome = Outcome::Done;
                    Node::forget(this);
                    wake(other);
                }
            }
        }
    }

    /// Frees the node, whose value has moved elsewhere.
    ///
    /// # Safety
    /// It is the caller's alone.
    unsafe fn forget(this: NonNull<Self>) {
        // SAFETY: as in `end`; the value is not dropped with its `MaybeUninit`.
        unsafe { drop(Box::from_raw(this.as_ptr())) }
    }
}

/// What [`ready`](crate::sched::park::ready) does for a node that was taken out of its queue.
///
/// # Safety
/// `task` is that of a node of elements `T`, which is the caller's; nothing is locked. The channel is there.
unsafe fn woken<T>(task: NonNull<Task>) {
    // SAFETY: the caller's promise; only the state decides whose the node is after the swap.
    unsafe {
        let this = task.cast::<Node<T>>();
        let node = this.as_ref();
        // Relaxed: see `settle`. (No future is left then that could change it.)
        if node.state.load(Ordering::Relaxed) == PUT_BACK {
            // Received by somebody, or it never will be.
            if (*node.sudog.get()).outcome == Outcome::Done {
                Node::forget(this);
            } else {
                guarded(|| drop(Node::end(this, Outcome::Done)));
            }
            return;
        }
        let waker = (*node.waker.get()).take();
        // AcqRel: the future sees the end and the value, or we see that it has left.
        if node.state.swap(DONE, Ordering::AcqRel) == LEFT {
            guarded(|| {
                drop(waker);
                Node::settle(this);
            });
        } else if let Some(waker) = waker {
            guarded(|| waker.wake());
        }
    }
}
