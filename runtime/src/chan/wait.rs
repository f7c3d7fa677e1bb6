//! One whole operation: lock, try, wait if need be.
//!
//! The fast halves are inlined where the element type is known; the waiting half exists once. It takes
//! little stack, since that is what a parked goroutine keeps: a sudog and a few words.

use super::hchan::{Attempt, Op, RawChan};
use super::rt::{
    WaitReason, Waiter, about_to_wait, away, before_block, give_way_if_asked, must_not_block,
    park_owned, park_releasing, quick_waiter,
};
use super::waitq::{Outcome, Sudog, wake};
use std::ptr;

const FOREIGN_SEND: &str = "send on synctest channel from outside bubble";
const FOREIGN_RECV: &str = "receive on synctest channel from outside bubble";

impl RawChan {
    /// Sends the value at `elem`; waits for room. The value is gone only if the outcome is `Done`.
    ///
    /// # Safety
    /// `elem` holds a value of this channel's element type, `size` is its size.
    #[inline]
    pub(super) unsafe fn send(&self, elem: *mut u8, size: usize) -> Outcome {
        self.lock();
        self.check_locked(FOREIGN_SEND);
        // SAFETY: locked; the rest is forwarded.
        unsafe {
            match self.send_locked(elem, size) {
                Attempt::Blocked => self.wait(Op::Send, elem),
                attempt => self.settle(attempt, Op::Send, elem, size),
            }
        }
    }

    /// Receives into `elem`; waits for a value. `elem` holds one only if the outcome is `Done`.
    ///
    /// # Safety
    /// `elem` has room for a value of this channel's element type, `size` is its size.
    #[inline]
    pub(super) unsafe fn recv(&self, elem: *mut u8, size: usize) -> Outcome {
        self.lock();
        self.check_locked(FOREIGN_RECV);
        // SAFETY: locked; the rest is forwarded.
        unsafe {
            match self.recv_locked(elem, size) {
                Attempt::Blocked => self.wait(Op::Recv, elem),
                attempt => self.settle(attempt, Op::Recv, elem, size),
            }
        }
    }

    /// [`send`](Self::send) or [`recv`](Self::recv) that does not wait: `Pending` means it would have
    /// to. Takes the lock only if the operation looks possible.
    ///
    /// # Safety
    /// As theirs.
    #[inline]
    pub(super) unsafe fn try_op(&self, op: Op, elem: *mut u8, size: usize) -> Outcome {
        give_way_if_asked();
        if !self.peek(op).0 {
            return Outcome::Pending;
        }
        self.check(match op {
            Op::Send => FOREIGN_SEND,
            Op::Recv => FOREIGN_RECV,
        });
        self.lock();
        // SAFETY: locked; the rest is forwarded.
        unsafe {
            let attempt = match op {
                Op::Send => self.send_locked(elem, size),
                Op::Recv => self.recv_locked(elem, size),
            };
            self.settle(attempt, op, elem, size)
        }
    }

    /// Releases the lock and finishes what the attempt began.
    ///
    /// # Safety
    /// The lock is held; `attempt` was made with these `op`, `elem`, `size`.
    #[inline(always)]
    unsafe fn settle(&self, attempt: Attempt, op: Op, elem: *mut u8, size: usize) -> Outcome {
        self.unlock();
        // SAFETY: unlocked, and the attempt is ours.
        unsafe { finish(attempt, op, elem, size) }
    }

    /// The waiting half of an operation, once per program.
    ///
    /// # Safety
    /// The lock is held and the operation is not possible now; `elem` as for the operation.
    #[inline(never)]
    unsafe fn wait(&self, op: Op, elem: *mut u8) -> Outcome {
        // SAFETY: the lock is held; the rest is forwarded.
        unsafe {
            match quick_waiter() {
                Some(waiter) => self.wait_as(waiter, op, elem),
                None => self.wait_slowly(op, elem),
            }
        }
    }

    /// For a plain thread, or a goroutine that must not block.
    ///
    /// # Safety
    /// As [`wait`](Self::wait).
    #[cold]
    #[inline(never)]
    unsafe fn wait_slowly(&self, op: Op, elem: *mut u8) -> Outcome {
        self.unlock();
        if must_not_block() {
            return Outcome::Forbidden;
        }
        about_to_wait();
        let _away = away();
        let waiter = Waiter::current();
        self.lock();
        // SAFETY: locked; the rest is forwarded.
        unsafe {
            match self.attempt(op, elem) {
                Attempt::Blocked => self.wait_as(waiter, op, elem),
                attempt => self.settle(attempt, op, elem, self.size),
            }
        }
    }

    /// # Safety
    /// As [`wait`](Self::wait); `waiter` is the caller.
    #[inline]
    unsafe fn wait_as(&self, waiter: Waiter, op: Op, elem: *mut u8) -> Outcome {
        // Under the lock: whoever drops the last receiver takes the lock after counting down, so
        // either we see the count or they see us in the queue.
        if op == Op::Send && !self.handles.has_receivers() {
            self.unlock();
            return Outcome::NoReceivers;
        }
        let mut sudog = Sudog::new(elem, waiter);
        let sg = &raw mut sudog;
        // SAFETY: the lock is held; `sudog` stays here until we are woken, which is after it was
        // taken out of the queue.
        unsafe { self.enqueue(op, sg) };
        let reason = match op {
            Op::Send => WaitReason::ChanSend,
            Op::Recv => WaitReason::ChanReceive,
        };
        let reason = if self.is_bubbled() {
            reason.durable()
        } else {
            reason
        };
        // SAFETY: held, by the caller.
        unsafe { park_releasing(reason, &self.lock) };
        // SAFETY: ours again; written by the waker before `ready`.
        unsafe { (*sg).outcome }
    }
}

/// After the lock: moves the value of a hand-off and wakes the other side.
///
/// # Safety
/// No spinlock is held; `attempt` was made with these `op`, `elem`, `size` and is finished once.
#[inline(always)]
pub(super) unsafe fn finish(attempt: Attempt, op: Op, elem: *mut u8, size: usize) -> Outcome {
    // SAFETY: the sudog was dequeued for us, so its frame lives and is ours until it is woken. The
    // two `elem` lie in different frames and have the same type.
    unsafe {
        let other = match attempt {
            Attempt::Blocked => return Outcome::Pending,
            Attempt::Closed => return Outcome::Closed,
            Attempt::Done => return Outcome::Done,
            Attempt::Discarded => return Outcome::Discarded,
            Attempt::Wake(other) => other,
            Attempt::Lent(other) => {
                wake(other);
                return Outcome::Done;
            }
            Attempt::TookBack(node, sender) => {
                ((*node.as_ptr()).let_go)(node, false);
                let Some(sender) = sender else {
                    return Outcome::Done;
                };
                sender
            }
            Attempt::Handoff(other) => {
                match op {
                    Op::Send => ptr::copy_nonoverlapping(elem, (*other).elem, size),
                    Op::Recv => ptr::copy_nonoverlapping((*other).elem, elem, size),
                }
                other
            }
        };
        (*other).outcome = Outcome::Done;
        wake(other);
    }
    Outcome::Done
}

/// Blocks the caller for good (a nil channel, a select without arms).
#[cold]
#[inline(never)]
pub(super) fn block_forever(reason: WaitReason) -> ! {
    before_block();
    let _away = away();
    Waiter::current(); // boots the runtime, which looks for deadlocks
    loop {
        // (The commit does nothing, so nobody can call `ready`.)
        park_owned(reason, || true);
    }
}
