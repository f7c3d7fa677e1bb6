//! A channel whose element type is known: [`Typed`]. What of its operations has to do with types.

use super::hchan::{Op, RawChan};
use super::place::InPlace;
use super::wait::Operation;
use super::waitq::Outcome;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr::NonNull;

/// A channel of elements of type `T`.
pub(super) struct Typed<'a, T>(&'a RawChan, PhantomData<fn(T) -> T>);

impl<T> Clone for Typed<'_, T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Typed<'_, T> {}

impl<T> Deref for Typed<'_, T> {
    type Target = RawChan;
    #[inline(always)]
    fn deref(&self) -> &RawChan {
        self.0
    }
}

/// How a send failed, and its value.
pub(super) type Unsent<'p, T> = (Outcome, InPlace<'p, T>);

impl<'a, T> Typed<'a, T> {
    /// # Safety
    /// It was made for elements of type `T`.
    #[inline(always)]
    pub(super) unsafe fn new(chan: &'a RawChan) -> Self {
        Typed(chan, PhantomData)
    }

    /// The channel without its type.
    #[inline(always)]
    pub(super) fn raw(self) -> &'a RawChan {
        self.0
    }

    /// Sends `value`; waits for room.
    #[inline(always)]
    pub(super) fn send<'p>(self, value: InPlace<'p, T>) -> Result<(), Unsent<'p, T>> {
        self.give(value, Operation::run)
    }

    /// [`send`](Self::send) that does not wait: `Pending` means it would have to.
    #[inline(always)]
    pub(super) fn try_send<'p>(self, value: InPlace<'p, T>) -> Result<(), Unsent<'p, T>> {
        self.give(value, Operation::run_now)
    }

    /// Receives a value into `place`; waits for one.
    #[inline(always)]
    pub(super) fn recv<'p>(self, place: &'p mut MaybeUninit<T>) -> Result<InPlace<'p, T>, Outcome> {
        self.fill(place, Operation::run)
    }

    /// [`recv`](Self::recv) that does not wait: `Pending` means it would have to.
    #[inline(always)]
    pub(super) fn try_recv<'p>(
        self,
        place: &'p mut MaybeUninit<T>,
    ) -> Result<InPlace<'p, T>, Outcome> {
        self.fill(place, Operation::run_now)
    }

    /// A send, carried out by `run`.
    #[inline(always)]
    fn give<'p>(
        self,
        value: InPlace<'p, T>,
        run: impl FnOnce(Operation<'a>) -> Outcome,
    ) -> Result<(), Unsent<'p, T>> {
        let place = value.into_place();
        // SAFETY: an element, which is the operation's until it has been run; and ours again, if it was not sent.
        unsafe {
            let send = Operation::new(self.0, Op::Send, place.cast(), size_of::<T>());
            match run(send) {
                Outcome::Done => Ok(()),
                outcome => Err((outcome, InPlace::at(place))),
            }
        }
    }

    /// A receive, carried out by `run`.
    #[inline(always)]
    fn fill<'p>(
        self,
        place: &'p mut MaybeUninit<T>,
        run: impl FnOnce(Operation<'a>) -> Outcome,
    ) -> Result<InPlace<'p, T>, Outcome> {
        let place = NonNull::from(place).cast::<T>();
        // SAFETY: room for an element, which is there when the operation says that it is done.
        unsafe {
            let recv = Operation::new(self.0, Op::Recv, place.cast(), size_of::<T>());
            match run(recv) {
                Outcome::Done => Ok(InPlace::at(place)),
                outcome => Err(outcome),
            }
        }
    }
}
