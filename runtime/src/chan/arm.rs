//! The typed arms of a select: what holds the value to send, or takes the value received.
//!
//! `select!` makes one arm for each case, in source order, passes [`Arm`]s (type-erased, borrowed) to
//! one of the functions in `select.rs`, and asks the chosen one for its result:
//!
//! ```text
//! let (mut p0, mut p1) = (MaybeUninit::uninit(), MaybeUninit::uninit());
//! let mut a0 = recv_case(&rx).place(&mut p0);           // v = <-rx
//! let mut a1 = send_case(&tx).value_in(v, &mut p1);     // tx <- v
//! let mut a2 = send_case(&tx).slot_in(&mut option, &mut p2); // tx <- move option
//! match select([a0.arm(), a1.arm(), a2.arm()]) {
//!     0 => { let v = a0.take().get(); .. }              // Option<T>
//!     1 => { a1.finish(); .. }                          // panics `send on closed channel`
//!     _ => { a2.finish(); .. }
//! }
//! ```
//!
//! The value lies in a place beside the arm, since a debug build copies arms when it passes them on; where
//! that does not matter the arm [owns](RecvCase::own) the place. An arm owns its value until its outcome is
//! `Done`: a send arm that was not chosen drops it (one of a slot puts it back), a receive arm drops what was
//! not taken.

use super::place::{InPlace, put};
use super::raw_arm::{Arm, RawRecv, RawSend};
use super::typed::{Typed, Unsent};
use super::wait::failed;
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction};
use std::borrow::BorrowMut;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;

/// What may stand beside an arrow in `select!`: a channel handle, a reference to an operand, or an
/// `Option` of one (`None` is the nil channel).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a channel",
    label = "expected a channel handle, a reference to one, or an `Option` of either"
)]
pub trait Operand {
    /// The element type of the channel.
    type Item;
    /// The direction of the handle.
    type Dir: Direction;
    /// The channel, null for nil.
    fn channel(&self) -> ChanRef<'_, Self::Item>;
}

/// A channel, or nil. Only this crate can make or use one.
pub struct ChanRef<'a, T>(Option<Typed<'a, T>>);

#[diagnostic::do_not_recommend]
impl<T, D: Direction> Operand for Chan<T, D> {
    type Item = T;
    type Dir = D;
    #[inline]
    fn channel(&self) -> ChanRef<'_, T> {
        ChanRef(self.typed())
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand + ?Sized> Operand for &A {
    type Item = A::Item;
    type Dir = A::Dir;
    #[inline]
    fn channel(&self) -> ChanRef<'_, A::Item> {
        (**self).channel()
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand + ?Sized> Operand for &mut A {
    type Item = A::Item;
    type Dir = A::Dir;
    #[inline]
    fn channel(&self) -> ChanRef<'_, A::Item> {
        (**self).channel()
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand> Operand for Option<A> {
    type Item = A::Item;
    type Dir = A::Dir;
    #[inline]
    fn channel(&self) -> ChanRef<'_, A::Item> {
        self.as_ref().map_or(ChanRef(None), A::channel)
    }
}

/// A send arm that still lacks its value.
#[must_use]
pub struct SendCase<'a, T>(ChanRef<'a, T>);

/// Begins the arm `c <- ..`.
#[inline]
pub fn send_case<'a, C: Operand>(c: &'a C) -> SendCase<'a, C::Item>
where
    C::Dir: CanSend,
{
    SendCase(c.channel())
}

/// A receive arm that still lacks a place for its value.
#[must_use]
pub struct RecvCase<'a, T>(ChanRef<'a, T>);

/// Begins the arm `<-c`.
#[inline]
pub fn recv_case<'a, C: Operand>(c: &'a C) -> RecvCase<'a, C::Item>
where
    C::Dir: CanRecv,
{
    RecvCase(c.channel())
}

impl<'a, T> RecvCase<'a, T> {
    /// The arm whose value is put into `place`.
    #[inline]
    pub fn place<'p>(self, place: &'p mut MaybeUninit<T>) -> PlacedRecv<'a, 'p, T> {
        PlacedRecv::new(self.0.0, place)
    }

    /// The arm that has a place itself.
    #[inline]
    pub fn own(self) -> RecvArm<'a, T> {
        RecvArm {
            raw: RawRecv::new(self.0.0),
            place: MaybeUninit::uninit(),
            _type: PhantomData,
        }
    }
}

impl<'a, T> SendCase<'a, T> {
    /// The arm `c <- value`, where the value waits in `place`.
    #[inline]
    pub fn value_in(self, value: T, place: &'a mut MaybeUninit<T>) -> PlacedSend<'a, T> {
        PlacedSend::new(self.0.0, put!(place, value))
    }

    /// The arm `c <- value`.
    #[inline]
    pub fn value(self, value: T) -> SendArm<'a, T> {
        SendArm {
            raw: RawSend::new(self.0.0),
            place: MaybeUninit::new(value),
            _type: PhantomData,
        }
    }

    /// The arm `c <- move slot`: what is in `slot` is sent if this arm is chosen; never ready while
    /// `slot` is `None`. It waits in `place`, and is put back if it is not sent.
    #[inline]
    pub fn slot_in(self, slot: &'a mut Option<T>, place: &'a mut MaybeUninit<T>) -> SlotArm<'a, T> {
        let mut is_full = false;
        if let Some(value) = slot.take() {
            place.write(value);
            is_full = true;
        }
        SlotArm {
            raw: RawSend::new(self.0.0),
            slot,
            place,
            is_full,
        }
    }
}

/// `v = <-c`, the value in a place `P`: its own, or a borrowed one.
#[must_use]
pub struct RecvArm<'a, T, P: BorrowMut<MaybeUninit<T>> = MaybeUninit<T>> {
    raw: RawRecv<'a, T>,
    /// Holds a value exactly while the outcome is `Done`.
    place: P,
    _type: PhantomData<T>,
}

/// `v = <-c`, the value in a borrowed place.
pub(super) type PlacedRecv<'a, 'p, T> = RecvArm<'a, T, &'p mut MaybeUninit<T>>;

impl<T, P: BorrowMut<MaybeUninit<T>>> RecvArm<'_, T, P> {
    /// The arm without its type, for one select.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        self.raw.arm(self.place.borrow_mut())
    }

    /// What was received, once.
    #[inline]
    fn received(&mut self) -> Option<InPlace<'_, T>> {
        if self.raw.outcome() != Outcome::Done {
            return None;
        }
        self.raw.forget_outcome();
        let place = NonNull::from(self.place.borrow_mut()).cast();
        // SAFETY: `Done` said that the place was filled, and from now on it counts as empty.
        Some(unsafe { InPlace::at(place) })
    }

    /// As [`take`](RecvArm::take), for an arm that is used again.
    #[inline]
    pub(super) fn take_value(&mut self) -> Option<T> {
        let value = self.received()?;
        Some(value.take())
    }
}

impl<'a, 'p, T> PlacedRecv<'a, 'p, T> {
    #[inline(always)]
    pub(super) fn new(chan: Option<Typed<'a, T>>, place: &'p mut MaybeUninit<T>) -> Self {
        RecvArm {
            raw: RawRecv::new(chan),
            place,
            _type: PhantomData,
        }
    }

    /// What this arm, having been chosen, received.
    #[inline]
    pub fn take(self) -> Received<'p, T> {
        Received(self.result().ok())
    }

    /// What it received, or else how the operation went.
    #[inline]
    pub(super) fn result(mut self) -> Result<InPlace<'p, T>, Outcome> {
        let outcome = self.raw.outcome();
        let value = self.received().ok_or(outcome)?.into_place();
        // SAFETY: the value is there, and the place is borrowed for that long; the arm goes.
        Ok(unsafe { InPlace::at(value) })
    }

    /// Drops what this arm, having been chosen, received.
    #[inline]
    pub fn discard(self) {}
}

impl<'a, T> RecvArm<'a, T> {
    /// An arm that is never ready.
    pub(super) fn never() -> Self {
        RecvCase(ChanRef(None)).own()
    }

    /// What this arm, having been chosen, received: `None` if the channel is closed and drained.
    #[inline]
    pub fn take(mut self) -> Option<T> {
        self.take_value()
    }
}

impl<T, P: BorrowMut<MaybeUninit<T>>> Drop for RecvArm<'_, T, P> {
    #[inline]
    fn drop(&mut self) {
        if let Some(value) = self.received() {
            value.drop_in_place();
        }
    }
}

/// What was received, still in its place: `None` if the channel is closed and drained. Without a `Drop`,
/// which would keep alive for the body of an arm whatever `T` borrows.
#[must_use]
pub struct Received<'p, T>(Option<InPlace<'p, T>>);

impl<T> Received<'_, T> {
    /// The value.
    #[inline]
    pub fn get(self) -> Option<T> {
        let value = self.0?;
        Some(value.take())
    }
}

/// `c <- value`, the value in a place `P`: its own, or a borrowed one.
#[must_use]
pub struct SendArm<'a, T, P: BorrowMut<MaybeUninit<T>> = MaybeUninit<T>> {
    raw: RawSend<'a, T>,
    /// Holds a value unless the outcome is `Done`.
    place: P,
    _type: PhantomData<T>,
}

/// `c <- value`, the value in a borrowed place.
pub(super) type PlacedSend<'a, T> = SendArm<'a, T, &'a mut MaybeUninit<T>>;

impl<T, P: BorrowMut<MaybeUninit<T>>> SendArm<'_, T, P> {
    /// The arm without its type, for one select. Never ready once its value has been sent.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        let place = NonNull::from(self.place.borrow_mut()).cast();
        // SAFETY: not sent, so the value is there; and it stays there unless it is sent.
        let value = (self.raw.outcome() != Outcome::Done).then(|| unsafe { InPlace::at(place) });
        self.raw.arm(value)
    }

    /// Ends a select that chose this arm.
    ///
    /// # Panics
    /// `send on closed channel`, and for an abandoned send as [`Chan::send`] says.
    #[inline]
    #[track_caller]
    pub fn finish(self) {
        let outcome = self.raw.outcome();
        drop(self);
        if outcome != Outcome::Done {
            failed(outcome);
        }
    }
}

impl<'a, T> PlacedSend<'a, T> {
    #[inline(always)]
    pub(super) fn new(chan: Option<Typed<'a, T>>, value: InPlace<'a, T>) -> Self {
        SendArm {
            raw: RawSend::new(chan),
            place: value.into_room(),
            _type: PhantomData,
        }
    }

    /// How it went.
    pub(super) fn result(self) -> Result<(), Unsent<'a, T>> {
        let outcome = self.raw.outcome();
        if outcome == Outcome::Done {
            return Ok(());
        }
        let mut this = ManuallyDrop::new(self);
        let place = NonNull::from(&mut *this.place).cast();
        // SAFETY: not sent, so the value is there; the place is borrowed for that long, and the arm is gone.
        Err((outcome, unsafe { InPlace::at(place) }))
    }
}

impl<T, P: BorrowMut<MaybeUninit<T>>> Drop for SendArm<'_, T, P> {
    #[inline]
    fn drop(&mut self) {
        if self.raw.outcome() != Outcome::Done {
            // SAFETY: not sent, so the value is still here, and this is its last use.
            unsafe { self.place.borrow_mut().assume_init_drop() }
        }
    }
}

/// `c <- move slot`. The slot's value is in a place beside the arm meanwhile: an arm that is forgotten only leaks it.
#[must_use]
pub struct SlotArm<'a, T> {
    raw: RawSend<'a, T>,
    slot: &'a mut Option<T>,
    /// Holds the value that was in the slot, unless the outcome is `Done`.
    place: &'a mut MaybeUninit<T>,
    /// Was there a value?
    is_full: bool,
}

impl<T> SlotArm<'_, T> {
    /// The arm without its type, for one select. Never ready once its value has been sent.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        let there = self.is_full && self.raw.outcome() != Outcome::Done;
        let place = NonNull::from(&mut *self.place).cast();
        // SAFETY: it is there, and stays there unless it is sent.
        self.raw.arm(there.then(|| unsafe { InPlace::at(place) }))
    }

    /// Ends a select that chose this arm: the slot is `None` from now on.
    ///
    /// # Panics
    /// As [`SendArm::finish`]; if the channel is closed, the value stays in the slot.
    #[inline]
    #[track_caller]
    pub fn finish(mut self) {
        let outcome = self.raw.outcome();
        let value = match outcome {
            Outcome::NoReceivers | Outcome::Discarded => self.take(),
            _ => None,
        };
        drop(self);
        drop(value);
        if outcome != Outcome::Done {
            failed(outcome);
        }
    }

    /// What was not sent.
    #[inline]
    fn take(&mut self) -> Option<T> {
        let there = mem::take(&mut self.is_full) && self.raw.outcome() != Outcome::Done;
        // SAFETY: it is there, and from now on it counts as gone.
        there.then(|| unsafe { self.place.assume_init_read() })
    }
}

impl<T> Drop for SlotArm<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(value) = self.take() {
            *self.slot = Some(value);
        }
    }
}
