//! One arm of a select: without its type [`RawArm`], and what [`select`](super::select) sees of it, [`Arm`];
//! and with it, [`RawSend`] and [`RawRecv`].
//!
//! The bookkeeping, the sudog included, lies in the caller's frame, so a select allocates nothing.

use super::hchan::{Attempt, Locked, Op, RawChan};
use super::place::InPlace;
use super::typed::Typed;
use super::wait::finish;
use super::waitq::{Outcome, Stays, Sudog};
use super::winner::Winner;
use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// The untyped part of an arm. Making one writes a few fields; the others are written when they are
/// needed, since a select that finds nothing ready takes only a few nanoseconds.
pub(super) struct RawArm<'a> {
    /// `None`: never ready.
    chan: Option<&'a RawChan>,
    op: Op,
    /// The outcome, for the typed arm; `Pending` unless it was chosen.
    outcome: Cell<Outcome>,
    /// What `peek` saw last, for `unchanged`.
    mark: Cell<u64>,
    /// Written when a select begins.
    index: Cell<u32>,
    /// What `look` saw last.
    looked_ready: Cell<bool>,
    /// Where the value is, or is to be put: one of the channel's type. Written by `arm`.
    elem: *mut u8,
    /// Written by `wait`.
    sudog: UnsafeCell<MaybeUninit<Sudog>>,
}

/// A type-erased arm, for the time of one select.
pub struct Arm<'a>(&'a RawArm<'a>);

impl<'a> RawArm<'a> {
    #[inline(always)]
    fn new(chan: Option<&'a RawChan>, op: Op) -> Self {
        RawArm {
            chan,
            op,
            outcome: Cell::new(Outcome::Pending),
            mark: Cell::new(0),
            index: Cell::new(0),
            looked_ready: Cell::new(false),
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
}

/// A send arm of a channel of elements of type `T`.
pub(super) struct RawSend<'a, T>(RawArm<'a>, PhantomData<fn(T)>);

/// A receive arm of a channel of elements of type `T`.
pub(super) struct RawRecv<'a, T>(RawArm<'a>, PhantomData<fn() -> T>);

impl<'a, T> RawSend<'a, T> {
    #[inline(always)]
    pub(super) fn new(chan: Option<Typed<'a, T>>) -> Self {
        RawSend(RawArm::new(chan.map(Typed::raw), Op::Send), PhantomData)
    }

    /// The arm for one select. If its outcome is `Done`, `value` is gone; else it is where it was. `None`: the arm
    /// is never ready.
    #[inline]
    pub(super) fn arm<'s>(&'s mut self, value: Option<InPlace<'s, T>>) -> Arm<'s> {
        match value {
            Some(value) => self.0.elem = value.into_place().as_ptr().cast(),
            None => self.0.chan = None,
        }
        Arm(&self.0)
    }
}

impl<'a, T> RawRecv<'a, T> {
    #[inline(always)]
    pub(super) fn new(chan: Option<Typed<'a, T>>) -> Self {
        RawRecv(RawArm::new(chan.map(Typed::raw), Op::Recv), PhantomData)
    }

    /// The arm for one select. If its outcome is `Done`, `place` has a value.
    #[inline]
    pub(super) fn arm<'s>(&'s mut self, place: &'s mut MaybeUninit<T>) -> Arm<'s> {
        self.0.elem = ptr::from_mut(place).cast();
        Arm(&self.0)
    }
}

impl<'a, T> Deref for RawSend<'a, T> {
    type Target = RawArm<'a>;
    #[inline(always)]
    fn deref(&self) -> &RawArm<'a> {
        &self.0
    }
}

impl<'a, T> Deref for RawRecv<'a, T> {
    type Target = RawArm<'a>;
    #[inline(always)]
    fn deref(&self) -> &RawArm<'a> {
        &self.0
    }
}

impl<'a> Arm<'a> {
    /// It has this number in its select, and has not been chosen.
    pub(super) fn begin(&self, index: u32) {
        self.0.index.set(index);
        // (One that cannot be chosen may have sent its value before.)
        if self.0.chan.is_some() {
            self.0.forget_outcome();
        }
    }

    pub(super) fn set_outcome(&self, outcome: Outcome) {
        self.0.outcome.set(outcome);
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
        self.0.index.get() as usize
    }

    /// Without locks: does it look ready? "No" is exact for some moment of this call.
    #[inline]
    pub(super) fn peek(&self) -> bool {
        let Some(chan) = self.chan() else {
            return false;
        };
        let (ready, mark) = chan.peek(self.op());
        self.0.mark.set(mark);
        ready
    }

    /// [`peek`](Self::peek), and remembers the answer.
    #[inline]
    pub(super) fn look(&self) -> bool {
        let ready = self.peek();
        self.0.looked_ready.set(ready);
        ready
    }

    /// Did it look ready at the last [`look`](Self::look)?
    #[inline]
    pub(super) fn looked_ready(&self) -> bool {
        self.0.looked_ready.get()
    }

    /// Has it been blocked ever since `peek` said so?
    #[inline]
    pub(super) fn unchanged(&self) -> bool {
        self.chan()
            .is_none_or(|chan| chan.unchanged(self.op(), self.0.mark.get()))
    }

    /// Carries it out, if it is ready, and notes the outcome. Returns the number.
    pub(super) fn try_alone(&self) -> Option<usize> {
        let guard = self.chan()?.lock();
        let tried = LockedArm(self.0, guard.locked()).attempt();
        drop(guard);
        Some(tried?.complete())
    }

    /// After the wait: takes it out of its queue. The outcome, if it was `chosen`.
    ///
    /// # Safety
    /// It was queued, and its select has been woken since and has chosen an arm; no lock is held.
    pub(super) unsafe fn leave(&self, chosen: bool) -> Option<Outcome> {
        let chan = self.chan()?;
        // SAFETY: written when it was queued. If it was chosen, the winner took it out, filled it in and woke us;
        // else it is in this queue, or was thrown out of it.
        unsafe {
            let sudog = NonNull::from((*self.0.sudog.get()).assume_init_ref());
            if chosen {
                return Some(sudog.as_ref().outcome());
            }
            chan.lock().locked().cancel(self.op(), Stays::new(sudog));
        }
        None
    }

    /// A send that cannot happen any more because no receiver is left.
    pub(super) fn is_abandoned(&self) -> bool {
        self.op() == Op::Send
            && self
                .chan()
                .is_some_and(|chan| !chan.handles.has_receivers())
    }
}

/// An arm whose channel's lock is held.
#[derive(Clone, Copy)]
pub(super) struct LockedArm<'l, 'a>(&'a RawArm<'a>, Locked<'l>);

impl<'l, 'a> LockedArm<'l, 'a> {
    /// `None` for one without a channel.
    ///
    /// # Safety
    /// The channel's lock is held for as long as the result is used.
    #[inline]
    pub(super) unsafe fn new(arm: &'l Arm<'a>) -> Option<Self> {
        let chan = arm.chan()?;
        // SAFETY: forwarded.
        Some(LockedArm(arm.0, unsafe { Locked::new(chan) }))
    }

    pub(super) fn index(self) -> usize {
        self.0.index.get() as usize
    }

    /// Could it be carried out? The attempt decides.
    pub(super) fn seems_ready(self) -> bool {
        self.1.seems_ready(self.0.op)
    }

    /// Tries the operation. `None`: it is not ready.
    #[inline(always)]
    pub(super) fn attempt(self) -> Option<Tried<'a>> {
        // SAFETY: `elem` fits the channel, as `RawSend` and `RawRecv` see to.
        match unsafe { self.1.attempt(self.0.op, self.0.elem, self.1.size) } {
            Attempt::Blocked => None,
            attempt => Some(Tried {
                arm: self.0,
                attempt,
            }),
        }
    }

    /// Queues it for the waiter of `winner`, which parks then.
    ///
    /// # Safety
    /// The sudog is in no queue, and [taken out](Arm::leave) before the arm goes.
    pub(super) unsafe fn enqueue(self, winner: &Winner) {
        let arm = self.0;
        // SAFETY: forwarded; no other code uses the sudog now.
        let sudog = unsafe {
            let sudog = Sudog::of_arm(arm.elem, arm.index.get(), winner);
            Stays::new(NonNull::from((*arm.sudog.get()).write(sudog)))
        };
        self.1.enqueue(arm.op, sudog);
    }
}

/// An attempt of an arm that is to be completed once the locks are released.
#[must_use]
pub(super) struct Tried<'a> {
    arm: &'a RawArm<'a>,
    attempt: Attempt,
}

impl Tried<'_> {
    /// Notes the outcome. Returns the number of the arm.
    #[inline(always)]
    pub(super) fn complete(self) -> usize {
        let arm = self.arm;
        let size = arm.chan.map_or(0, |chan| chan.size);
        // SAFETY: the attempt is this arm's.
        let outcome = unsafe { finish(self.attempt, arm.op, arm.elem, size) };
        arm.outcome.set(outcome);
        arm.index.get() as usize
    }
}
