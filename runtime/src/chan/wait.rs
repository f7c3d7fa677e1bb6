//! One whole operation: lock, try, wait if need be.
//!
//! The fast halves exist once for each element type (`typed.rs`), the waiting half once. It takes
//! little stack, since that is what a parked goroutine keeps: a sudog and a few words.

use super::hchan::{Attempt, Guard, Op, RawChan};
use super::rt::{
    WaitReason, Waiter, about_to_wait, away, before_block, end_sender, give_way_if_asked,
    must_not_block, park_owned, park_releasing, quick_waiter,
};
use super::waitq::{Outcome, Stays, Sudog};
use std::ptr::{self, NonNull};

/// One operation on a channel: what it sends, or the room for what it receives, and the channel that this fits.
pub(super) struct Operation<'a> {
    chan: &'a RawChan,
    op: Op,
    elem: NonNull<u8>,
    size: usize,
}

impl<'a> Operation<'a> {
    /// # Safety
    /// `elem` holds a value of this channel's element type, if it is sent, or has room for one, if it is received:
    /// the operation's, until it is over. `size` is the type's.
    #[inline(always)]
    pub(super) unsafe fn new(chan: &'a RawChan, op: Op, elem: NonNull<u8>, size: usize) -> Self {
        Operation {
            chan,
            op,
            elem,
            size,
        }
    }

    /// Carries it out; waits until that is possible. If the outcome is `Done`, the value sent is gone, or the one
    /// received is there; else not.
    #[inline(always)]
    pub(super) fn run(self) -> Outcome {
        let Operation { op, size, .. } = self;
        let elem = self.elem.as_ptr();
        let guard = self.chan.lock_checked(foreign(op));
        // SAFETY: `new` was promised what these are; carried out once.
        unsafe {
            match guard.locked().attempt(op, elem, size) {
                Attempt::Blocked => wait(guard, op, elem),
                attempt => {
                    drop(guard);
                    finish(attempt, op, elem, size)
                }
            }
        }
    }

    /// [`run`](Self::run) that does not wait: `Pending` means it would have to. Takes the lock only if the
    /// operation looks possible.
    #[inline(always)]
    pub(super) fn run_now(self) -> Outcome {
        let Operation { op, size, .. } = self;
        let elem = self.elem.as_ptr();
        give_way_if_asked();
        if !self.chan.peek(op).0 {
            return Outcome::Pending;
        }
        self.chan.check(foreign(op));
        let guard = self.chan.lock();
        // SAFETY: as in `run`.
        unsafe {
            let attempt = guard.locked().attempt(op, elem, size);
            drop(guard);
            finish(attempt, op, elem, size)
        }
    }
}

/// What is said of a channel of another bubble.
#[inline(always)]
fn foreign(op: Op) -> &'static str {
    match op {
        Op::Send => "send on synctest channel from outside bubble",
        Op::Recv => "receive on synctest channel from outside bubble",
    }
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
        match guard.locked().attempt(op, elem, chan.size) {
            Attempt::Blocked => wait_as(guard, waiter, op, elem),
            attempt => {
                drop(guard);
                finish(attempt, op, elem, chan.size)
            }
        }
    }
}

/// # Safety
/// As [`wait`]; `waiter` is the caller.
#[inline]
unsafe fn wait_as(guard: Guard<'_>, waiter: Waiter, op: Op, elem: *mut u8) -> Outcome {
    let chan = guard.locked();
    // Under the lock: the goroutine that drops the last receiver takes the lock after counting
    // down, so either we see the count or it sees us in the queue.
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
        // (The commit does nothing, so no waker can call `ready`.)
        park_owned(reason, || true);
    }
}

/// How a blocking operation ends that neither succeeded nor found the channel closed in an orderly
/// way; an unsent value has been dropped. Returns only if the channel has no receivers, and there was
/// room or the goroutine is unwinding.
#[cold]
#[inline(never)]
#[track_caller]
pub(super) fn failed(outcome: Outcome) {
    match outcome {
        Outcome::Closed => panic!("send on closed channel"),
        Outcome::Discarded => {}
        Outcome::NoReceivers if std::thread::panicking() => {}
        Outcome::NoReceivers => end_sender(),
        Outcome::Forbidden => before_block(),
        Outcome::Pending | Outcome::Done => unreachable!("{outcome:?} is no failure"),
    }
}
