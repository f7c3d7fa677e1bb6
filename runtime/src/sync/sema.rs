//! A counting semaphore on which goroutines and threads sleep: what Go's `sema.go` gives its locks.
//!
//! Invariants, all kept under the lock:
//! * `permits > 0` only while nobody is queued: a release gives its permit straight to the head of
//!   the queue, and only with an empty queue is it stored.
//! * A node lives on its waiter's stack and is linked exactly from the push before the park until
//!   the pop that entitles the popper, and nobody else, to call `ready`.
//!
//! The queue is a ring of which only the tail is kept: `tail.next` is the head. Whoever owns the
//! semaphore lives until both calls have returned, for both borrow it.
//!
//! Used by every lock of this folder; Go keeps these queues in a global table hashed by address,
//! here they are part of the lock, so two locks never contend for one bucket.

use super::rt::{SpinMutex, WaitReason, Waiter, park_unlock, ready};
use std::ptr;

/// One sleeper, on its own stack.
struct Node {
    waiter: Waiter,
    next: *mut Node,
}

struct Queue {
    permits: u32,
    tail: *mut Node,
}

/// Counting semaphore; see the file's header.
pub(super) struct Sema {
    queue: SpinMutex<Queue>,
}

// SAFETY: the nodes it points to outlive their being linked, and are touched under the lock only.
unsafe impl Send for Queue {}

impl std::panic::UnwindSafe for Sema {}
impl std::panic::RefUnwindSafe for Sema {}

/// Where a new sleeper stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Behind everybody: first come, first served.
    Back,
    /// Before everybody: it has waited already.
    Front,
}

impl Sema {
    /// No permits, nobody waiting.
    pub(super) const fn new() -> Self {
        Self {
            queue: SpinMutex::new(Queue {
                permits: 0,
                tail: ptr::null_mut(),
            }),
        }
    }

    /// Takes a permit, sleeping until there is one.
    pub(super) fn acquire(&self, reason: WaitReason, at: At) {
        let mut node = Node {
            waiter: Waiter::current(),
            next: ptr::null_mut(),
        };
        let mut queue = self.queue.lock();
        if queue.permits > 0 {
            queue.permits -= 1;
            return;
        }
        // SAFETY: the node stays where it is until we are woken.
        unsafe { queue.push(&raw mut node, at) };
        park_unlock(reason, queue);
    }

    /// Gives a permit: to the head of the queue, who is made runnable, or to whoever comes next.
    pub(super) fn release(&self) {
        let mut queue = self.queue.lock();
        let Some(waiter) = queue.pop() else {
            queue.permits += 1;
            return;
        };
        drop(queue);
        // SAFETY: we took it out of the queue under the lock that its park released.
        unsafe { ready(waiter) };
    }
}

impl Queue {
    /// # Safety
    /// The lock is held; `node` is not linked and stays valid until popped.
    unsafe fn push(&mut self, node: *mut Node, at: At) {
        // SAFETY: linked nodes are valid (the invariant), `node` by the caller's promise.
        unsafe {
            if self.tail.is_null() {
                (*node).next = node;
                self.tail = node;
                return;
            }
            (*node).next = (*self.tail).next;
            (*self.tail).next = node;
            if at == At::Back {
                self.tail = node;
            }
        }
    }

    /// The node may be gone as soon as the result is passed to `ready`. (Linked nodes are valid: who pushed them
    /// has promised it.)
    fn pop(&mut self) -> Option<Waiter> {
        if self.tail.is_null() {
            return None;
        }
        // SAFETY: linked nodes are valid.
        unsafe {
            let head = (*self.tail).next;
            if head == self.tail {
                self.tail = ptr::null_mut();
            } else {
                (*self.tail).next = (*head).next;
            }
            Some((*head).waiter)
        }
    }
}
