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
        let place = value.place();
        let outcome = self.run_send(value);
        // SAFETY: it was in this place.
        unsafe { sent(outcome, place) }
    }

    /// [`send`](Self::send) that does not wait: `Pending` means it would have to.
    #[inline(always)]
    pub(super) fn try_send<'p>(self, value: InPlace<'p, T>) -> Result<(), Unsent<'p, T>> {
        let place = value.place();
        let outcome = self.operation_send(value).run_now();
        // SAFETY: it was in this place.
        unsafe { sent(outcome, place) }
    }

    /// Receives a value into `place`; waits for one.
    #[inline(always)]
    pub(super) fn recv<'p>(self, place: &'p mut MaybeUninit<T>) -> Result<InPlace<'p, T>, Outcome> {
        let outcome = self.run_recv(place);
        // SAFETY: it went into this place.
        unsafe { received(outcome, place) }
    }

    /// [`recv`](Self::recv) that does not wait: `Pending` means it would have to.
    #[inline(always)]
    pub(super) fn try_recv<'p>(
        self,
        place: &'p mut MaybeUninit<T>,
    ) -> Result<InPlace<'p, T>, Outcome> {
        let outcome = self.operation_recv(place).run_now();
        // SAFETY: it went into this place.
        unsafe { received(outcome, place) }
    }

    /// A function of its own for each type, so that its last step, waiting, is a jump and not a call: a goroutine that has
    /// waited returns straight to the caller. (The processor predicts each return after a change of stacks wrong. The compiler
    /// need not make a jump of it; then it is slower, and right.)
    #[inline(never)]
    fn run_send(self, value: InPlace<'_, T>) -> Outcome {
        self.operation_send(value).run()
    }

    /// Never in line, as above.
    #[inline(never)]
    fn run_recv(self, place: &mut MaybeUninit<T>) -> Outcome {
        self.operation_recv(place).run()
    }

    /// (It is carried out by name, not by a function or closure that is passed on: those would be shared by all types, with
    /// the operation and the size as variables.)
    #[inline(always)]
    fn operation_send<'p>(self, value: InPlace<'p, T>) -> Operation<'p>
    where
        'a: 'p,
    {
        // SAFETY: an element of this type, which is the operation's now.
        unsafe { Operation::new(self.0, Op::Send, value.into_place().cast(), size_of::<T>()) }
    }

    #[inline(always)]
    fn operation_recv<'p>(self, place: &'p mut MaybeUninit<T>) -> Operation<'p>
    where
        'a: 'p,
    {
        let place = NonNull::from(place).cast();
        // SAFETY: room for an element of this type, borrowed until the operation is over.
        unsafe { Operation::new(self.0, Op::Recv, place, size_of::<T>()) }
    }
}

/// # Safety
/// A send from `place` came out so.
#[inline(always)]
unsafe fn sent<'p, T>(outcome: Outcome, place: NonNull<T>) -> Result<(), Unsent<'p, T>> {
    match outcome {
        Outcome::Done => Ok(()),
        // SAFETY: the element is there still, and ours again.
        outcome => Err((outcome, unsafe { InPlace::at(place) })),
    }
}

/// # Safety
/// A receive into `place` came out so.
#[inline(always)]
unsafe fn received<T>(
    outcome: Outcome,
    place: &mut MaybeUninit<T>,
) -> Result<InPlace<'_, T>, Outcome> {
    match outcome {
        // SAFETY: the element is there, and ours.
        Outcome::Done => Ok(unsafe { InPlace::filled(place) }),
        outcome => Err(outcome),
    }
}
