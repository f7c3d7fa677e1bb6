//! One arm of a select without its type: [`RawArm`], and what [`select`](super::select) sees of it, [`Arm`].
//!
//! The bookkeeping, the sudog included, lies in the caller's frame, so a select allocates nothing.

use super::hchan::{Attempt, Op, RawChan};
use super::rt::Waiter;
use super::wait::finish;
use super::waitq::{Outcome, Sudog};
use super::winner::Winner;
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr;

/// The untyped part of an arm. Making one writes a few fields; the others follow when they are
/// needed, for a select that finds nothing ready is a matter of a few nanoseconds.
pub(super) struct RawArm<'a> {
    /// `None`: never ready.
    chan: Option<&'a RawChan>,
    op: Op,
    /// How it went, for the typed arm; `Pending` unless it was chosen.
    outcome: Cell<Outcome>,
    /// What `peek` saw last, for `unchanged`.
    mark: Cell<MaybeUninit<u64>>,
    /// Written by `number`.
    index: Cell<usize>,
    /// Where the value is, or is to be put. Written by `arm`.
    elem: *mut u8,
    /// Written by `wait`.
    sudog: UnsafeCell<MaybeUninit<Sudog>>,
}

/// A type-erased arm, for the time of one select.
pub struct Arm<'a>(&'a RawArm<'a>);

impl<'a> RawArm<'a> {
    #[inline]
    pub(super) fn new(chan: Option<&'a RawChan>, op: Op) -> Self {
        RawArm {
            chan,
            op,
            outcome: Cell::new(Outcome::Pending),
            mark: Cell::new(MaybeUninit::uninit()),
            index: Cell::new(0),
            elem: ptr::null_mut(),
            sudog: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// How the select went for this arm.
    #[inline]
    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.get()
    }

    /// It is as if it had not been chosen.
    #[inline]
    pub(super) fn forget_outcome(&self) {
        self.outcome.set(Outcome::Pending);
    }

    /// The arm for one select; the value is, or is to be put, at `elem`.
    #[inline]
    pub(super) fn arm(&mut self, elem: *mut u8) -> Arm<'_> {
        self.elem = elem;
        Arm(self)
    }
}

impl<'a> Arm<'a> {
    /// It has this number in its select, and has not been chosen.
    pub(super) fn begin(&self, index: usize) {
        self.0.index.set(index);
        self.0.forget_outcome();
    }

    pub(super) fn set_outcome(&self, outcome: Outcome) {
        self.0.outcome.set(outcome);
    }

    /// Queues it at its channel, if it has one, for `waiter`, who parks then.
    ///
    /// # Safety
    /// The channel's lock is held. The sudog is in no queue, and taken out before the arm goes.
    pub(super) unsafe fn enqueue(&self, waiter: Waiter, winner: &Winner) {
        let Some(chan) = self.chan() else { return };
        let sudog = self.sudog();
        // SAFETY: forwarded.
        unsafe {
            Sudog::prepare(sudog, self.0.elem, self.index(), waiter, winner);
            chan.enqueue(self.op(), sudog);
        }
    }

    #[inline]
    pub(super) fn chan(&self) -> Option<&'a RawChan> {
        self.0.chan
    }

    #[inline]
    pub(super) fn op(&self) -> Op {
        self.0.op
    }

    #[inline]
    pub(super) fn index(&self) -> usize {
        self.0.index.get()
    }

    /// Its place in a queue. No reference is made: neighbours in the queue use this pointer too.
    #[inline]
    pub(super) fn sudog(&self) -> *mut Sudog {
        self.0.sudog.get().cast()
    }

    /// Without locks: does it look ready? "No" is exact for some moment of this call.
    #[inline]
    pub(super) fn peek(&self) -> bool {
        let Some(chan) = self.chan() else {
            return false;
        };
        let (ready, mark) = chan.peek(self.op());
        self.0.mark.set(MaybeUninit::new(mark));
        ready
    }

    /// Has it been blocked ever since `peek` said so?
    #[inline]
    pub(super) fn unchanged(&self) -> bool {
        self.chan().is_none_or(|chan| {
            // SAFETY: `peek` has written the mark.
            chan.unchanged(self.op(), unsafe { self.0.mark.get().assume_init() })
        })
    }

    /// Tries the operation under the lock, which is held.
    pub(super) fn attempt(&self) -> Attempt {
        let Some(chan) = self.chan() else {
            return Attempt::Blocked;
        };
        // SAFETY: the caller holds the lock; `elem` is what the typed arm gave for this channel.
        unsafe { chan.attempt(self.op(), self.0.elem) }
    }

    /// Completes a successful attempt after unlocking and notes the outcome. Returns the number.
    pub(super) fn complete(&self, attempt: Attempt) -> usize {
        let size = self.chan().map_or(0, |chan| chan.size);
        // SAFETY: unlocked; the attempt was made by `attempt` just before.
        let outcome = unsafe { finish(attempt, self.op(), self.0.elem, size) };
        self.0.outcome.set(outcome);
        self.index()
    }

    /// A send that cannot happen any more because nobody can receive.
    pub(super) fn is_abandoned(&self) -> bool {
        self.op() == Op::Send
            && self
                .chan()
                .is_some_and(|chan| !chan.handles.has_receivers())
    }
}
