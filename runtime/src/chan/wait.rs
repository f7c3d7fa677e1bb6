//! One whole operation: lock, try, wait if need be.
//!
//! The fast halves are inlined where the element type is known; the waiting half exists once. It takes
//! little stack, since that is what a parked goroutine keeps: a sudog and a few words.

use super::hchan::{Attempt, Guard, Op, RawChan};
use super::rt::{
    WaitReason, Waiter, about_to_wait, away, before_block, give_way_if_asked, must_not_block,
    park_owned, park_releasing, quick_waiter,
};
use super::waitq::{Outcome, Stays, Sudog};
use std::ptr::{self, NonNull};

const FOREIGN_SEND: &str = "send on synctest channel from outside bubble";
const FOREIGN_RECV: &str = "receive on synctest channel from outside bubble";

impl RawChan {
    /// Sends the value at `elem`; waits for room. The value is gone only if the outcome is `Done`.
    ///
    /// # Safety
    /// `elem` holds a value of this channel's element type, `size` is its size.
    #[inline]
    pub(super) unsafe fn send(&self, elem: *mut u8, size: usize) -> Outcome {
        let guard = self.lock_checked(FOREIGN_SEND);
        // SAFETY: forwarded.
        unsafe {
            match guard.locked().try_send(elem, size) {
                Attempt::Blocked => wait(guard, Op::Send, elem),
                attempt => settle(guard, attempt, Op::Send, elem, size),
            }
        }
    }

    /// Receives into `elem`; waits for a value. `elem` holds one only if the outcome is `Done`.
    ///
    /// # Safety
    /// `elem` has room for a value of this channel's element type, `size` is its size.
    #[inline]
    pub(super) unsafe fn recv(&self, elem: *mut u8, size: usize) -> Outcome {
        let guard = self.lock_checked(FOREIGN_RECV);
        // SAFETY: forwarded.
        unsafe {
            match guard.locked().try_recv(elem, size) {
                Attempt::Blocked => wait(guard, Op::Recv, elem),
                attempt => settle(guard, attempt, Op::Recv, elem, size),
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
        let guard = self.lock();
        // SAFETY: forwarded.
        unsafe {
            let attempt = match op {
                Op::Send => guard.locked().try_send(elem, size),
                Op::Recv => guard.locked().try_recv(elem, size),
            };
            settle(guard, attempt, op, elem, size)
        }
    }
}

/// Releases the lock and finishes what the attempt began.
///
/// # Safety
/// `attempt` was made with these `op`, `elem`, `size`.
#[inline(always)]
unsafe fn settle(
    guard: Guard<'_>,
    attempt: Attempt,
    op: Op,
    elem: *mut u8,
    size: usize,
) -> Outcome {
    drop(guard);
    // SAFETY: forwarded.
    unsafe { finish(attempt, op, elem, size) }
}

/// The waiting half of an operation, once per program.
///
/// # Safety
/// The operation is not possible now; `elem` as for the operation.
#[inline(never)]
unsafe fn wait(guard: Guard<'_>, op: Op, elem: *mut u8) -> Outcome {
    // SAFETY: forwarded.
    unsafe {
        match quick_waiter() {
            Some(waiter) => wait_as(guard, waiter, op, elem),
            None => wait_slowly(guard, op, elem),
        }
    }
}

/// For a plain thread, or a goroutine that must not block.
///
/// # Safety
/// As [`wait`].
#[cold]
#[inline(never)]
unsafe fn wait_slowly(guard: Guard<'_>, op: Op, elem: *mut u8) -> Outcome {
    let chan = guard.unlock();
    if must_not_block() {
        return Outcome::Forbidden;
    }
    about_to_wait();
    let _away = away();
    let waiter = Waiter::current();
    let guard = chan.lock();
    // SAFETY: forwarded.
    unsafe {
        match guard.locked().attempt(op, elem) {
            Attempt::Blocked => wait_as(guard, waiter, op, elem),
            attempt => settle(guard, attempt, op, elem, chan.size),
        }
    }
}

/// # Safety
/// As [`wait`]; `waiter` is the caller.
#[inline]
unsafe fn wait_as(guard: Guard<'_>, waiter: Waiter, op: Op, elem: *mut u8) -> Outcome {
    let chan = guard.locked();
    // Under the lock: whoever drops the last receiver takes the lock after counting down, so
    // either we see the count or they see us in the queue.
    if op == Op::Send && !chan.handles.has_receivers() {
        drop(guard);
        return Outcome::NoReceivers;
    }
    let sudog = Sudog::new(elem, waiter);
    let reason = match op {
        Op::Send => WaitReason::ChanSend,
        Op::Recv => WaitReason::ChanReceive,
    };
    let reason = if chan.is_bubbled() {
        reason.durable()
    } else {
        reason
    };
    // SAFETY: `sudog` stays here until we are woken, which is after it was taken out of the queue. The lock is
    // held, by the guard.
    unsafe {
        chan.enqueue(op, Stays::new(NonNull::from(&sudog)));
        park_releasing(reason, guard.into_lock());
    }
    // Written by the waker before `ready`.
    sudog.outcome()
}

/// After the lock: moves the value of a hand-off and wakes the other side.
///
/// # Safety
/// No spinlock is held; `attempt` was made with these `op`, `elem`, `size` and is finished once.
#[inline(always)]
pub(super) unsafe fn finish(attempt: Attempt, op: Op, elem: *mut u8, size: usize) -> Outcome {
    let other = match attempt {
        Attempt::Blocked => return Outcome::Pending,
        Attempt::Closed => return Outcome::Closed,
        Attempt::Done => return Outcome::Done,
        Attempt::Discarded => return Outcome::Discarded,
        Attempt::Wake(other) => other,
        Attempt::Lent(other) => {
            other.wake();
            return Outcome::Done;
        }
        Attempt::TookBack(node, sender) => {
            // SAFETY: it was in the queue, and nothing is locked.
            unsafe { (node.let_go)(node.as_non_null(), false) };
            let Some(sender) = sender else {
                return Outcome::Done;
            };
            sender
        }
        Attempt::Handoff(other) => {
            // SAFETY: the two lie in different frames and have the same type; the other one's is ours until it is
            // woken.
            unsafe {
                match op {
                    Op::Send => ptr::copy_nonoverlapping(elem, other.elem(), size),
                    Op::Recv => ptr::copy_nonoverlapping(other.elem(), elem, size),
                }
            }
            other
        }
    };
    other.set_outcome(Outcome::Done);
    other.wake();
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
