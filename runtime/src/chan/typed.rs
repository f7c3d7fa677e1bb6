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
        let place = value.into_place();
        // SAFETY: an element, which is the operation's until that is over.
        let outcome = unsafe { self.send_from(place) };
        // SAFETY: it was in this place.
        unsafe { sent(outcome, place) }
    }

    /// [`send`](Self::send) that does not wait: `Pending` means it would have to.
    #[inline(always)]
    pub(super) fn try_send<'p>(self, value: InPlace<'p, T>) -> Result<(), Unsent<'p, T>> {
        let place = value.into_place();
        // SAFETY: an element, which is the operation's until that is over.
        let outcome = unsafe { self.operation(Op::Send, place) }.run_now();
        // SAFETY: it was in this place.
        unsafe { sent(outcome, place) }
    }

    /// Receives a value into `place`; waits for one.
    #[inline(always)]
    pub(super) fn recv<'p>(self, place: &'p mut MaybeUninit<T>) -> Result<InPlace<'p, T>, Outcome> {
        let place = NonNull::from(place).cast();
        // SAFETY: room for an element.
        let outcome = unsafe { self.recv_into(place) };
        // SAFETY: it went into this place.
        unsafe { received(outcome, place) }
    }

    /// [`recv`](Self::recv) that does not wait: `Pending` means it would have to.
    #[inline(always)]
    pub(super) fn try_recv<'p>(
        self,
        place: &'p mut MaybeUninit<T>,
    ) -> Result<InPlace<'p, T>, Outcome> {
        let place = NonNull::from(place).cast();
        // SAFETY: room for an element.
        let outcome = unsafe { self.operation(Op::Recv, place) }.run_now();
        // SAFETY: it went into this place.
        unsafe { received(outcome, place) }
    }

    /// A function of its own for each type, so that its last step, waiting, is a jump and not a call: a goroutine that has
    /// waited returns straight to the caller. (The processor predicts each return after a change of stacks wrong. The compiler
    /// need not make a jump of it; then it is slower, and right.)
    ///
    /// # Safety
    /// As [`Operation::new`].
    #[inline(never)]
    unsafe fn send_from(self, place: NonNull<T>) -> Outcome {
        // SAFETY: forwarded.
        unsafe { self.operation(Op::Send, place) }.run()
    }

    /// Never in line, as above.
    ///
    /// # Safety
    /// As [`Operation::new`].
    #[inline(never)]
    unsafe fn recv_into(self, place: NonNull<T>) -> Outcome {
        // SAFETY: forwarded.
        unsafe { self.operation(Op::Recv, place) }.run()
    }

    /// # Safety
    /// As [`Operation::new`]. (It is carried out by name, not by a function or closure that is passed on: those would be
    /// shared by all types, with `op` and the size as variables.)
    #[inline(always)]
    unsafe fn operation(self, op: Op, place: NonNull<T>) -> Operation<'a> {
        // SAFETY: forwarded.
        unsafe { Operation::new(self.0, op, place.cast(), size_of::<T>()) }
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
unsafe fn received<'p, T>(outcome: Outcome, place: NonNull<T>) -> Result<InPlace<'p, T>, Outcome> {
    match outcome {
        // SAFETY: the element is there, and ours.
        Outcome::Done => Ok(unsafe { InPlace::at(place) }),
        outcome => Err(outcome),
    }
}
