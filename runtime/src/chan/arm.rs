//! The typed arms of a select: what holds the value to send, or takes the value received.
//!
//! `select!` makes one arm for each case, in source order, passes [`Arm`]s (type-erased, borrowed) to
//! one of the functions in `select.rs`, and asks the chosen one for its result:
//!
//! ```text
//! let (mut p0, mut p1) = (MaybeUninit::uninit(), MaybeUninit::uninit());
//! let mut a0 = recv_case(&rx).place(&mut p0);           // v = <-rx
//! let mut a1 = send_case(&tx).value_in(v, &mut p1);     // tx <- v
//! let mut a2 = send_case(&tx).slot(&mut option);        // tx <- move option
//! match select([a0.arm(), a1.arm(), a2.arm()]) {
//!     0 => { let v = a0.take().get(); .. }              // Option<T>
//!     1 => { a1.finish(); .. }                          // panics `send on closed channel`
//!     _ => { a2.finish(); .. }
//! }
//! ```
//!
//! The value lies in a place beside the arm, since a debug build copies arms on their way; where that does
//! not matter the arm [owns](RecvCase::own) the place. An arm owns its value until its outcome is
//! `Done`: a send arm that was not chosen drops it (`slot` leaves it in place), a receive arm drops what was
//! not taken.

use super::hchan::{Op, RawChan};
use super::ops::failed;
use super::raw_arm::{Arm, RawArm};
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction};
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr;

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
    fn channel(&self) -> ChanRef<'_>;
}

/// A channel, or nil. Only this crate can make or use one.
#[derive(Clone, Copy)]
pub struct ChanRef<'a>(Option<&'a RawChan>);

#[diagnostic::do_not_recommend]
impl<T, D: Direction> Operand for Chan<T, D> {
    type Item = T;
    type Dir = D;
    #[inline]
    fn channel(&self) -> ChanRef<'_> {
        ChanRef(self.raw())
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand + ?Sized> Operand for &A {
    type Item = A::Item;
    type Dir = A::Dir;
    #[inline]
    fn channel(&self) -> ChanRef<'_> {
        (**self).channel()
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand + ?Sized> Operand for &mut A {
    type Item = A::Item;
    type Dir = A::Dir;
    #[inline]
    fn channel(&self) -> ChanRef<'_> {
        (**self).channel()
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand> Operand for Option<A> {
    type Item = A::Item;
    type Dir = A::Dir;
    #[inline]
    fn channel(&self) -> ChanRef<'_> {
        self.as_ref().map_or(ChanRef(None), A::channel)
    }
}

/// A send arm that still lacks its value.
#[must_use]
pub struct SendCase<'a, T> {
    chan: ChanRef<'a>,
    _borrow: PhantomData<&'a fn(T)>,
}

/// Begins the arm `c <- ..`.
#[inline]
pub fn send_case<'a, C: Operand>(c: &'a C) -> SendCase<'a, C::Item>
where
    C::Dir: CanSend,
{
    SendCase {
        chan: c.channel(),
        _borrow: PhantomData,
    }
}

/// A receive arm that still lacks a place for its value.
#[must_use]
pub struct RecvCase<'a, T> {
    chan: ChanRef<'a>,
    _borrow: PhantomData<&'a fn() -> T>,
}

/// Begins the arm `<-c`.
#[inline]
pub fn recv_case<'a, C: Operand>(c: &'a C) -> RecvCase<'a, C::Item>
where
    C::Dir: CanRecv,
{
    RecvCase {
        chan: c.channel(),
        _borrow: PhantomData,
    }
}

impl<'a, T> RecvCase<'a, T> {
    /// The arm whose value is put into `place`.
    #[inline]
    pub fn place<'p>(self, place: &'p mut MaybeUninit<T>) -> PlacedRecv<'a, 'p, T> {
        PlacedRecv {
            raw: RawArm::new(self.chan.0, Op::Recv),
            place: place.as_mut_ptr(),
            _borrow: PhantomData,
        }
    }

    /// The arm that has a place itself.
    #[inline]
    pub fn own(self) -> RecvArm<'a, T> {
        RecvArm {
            raw: RawArm::new(self.chan.0, Op::Recv),
            slot: MaybeUninit::uninit(),
            _borrow: PhantomData,
        }
    }
}

impl<'a, T> SendCase<'a, T> {
    /// The arm `c <- value`, where the value waits in `place`.
    #[inline]
    pub fn value_in(self, value: T, place: &'a mut MaybeUninit<T>) -> PlacedSend<'a, T> {
        let place = place.as_mut_ptr();
        // Not `MaybeUninit::write`, which has the value in its own frame once more in a debug build.
        // SAFETY: borrowed for as long as the arm lives.
        unsafe { ptr::write(place, value) };
        PlacedSend {
            raw: RawArm::new(self.chan.0, Op::Send),
            place,
            _borrow: PhantomData,
        }
    }

    /// The arm `c <- value`.
    #[inline]
    pub fn value(self, value: T) -> SendArm<'a, T> {
        SendArm {
            raw: RawArm::new(self.chan.0, Op::Send),
            value: MaybeUninit::new(value),
            _borrow: PhantomData,
        }
    }

    /// The arm `c <- move slot`: what is in `slot` is sent if this arm is chosen; never ready while
    /// `slot` is `None`.
    #[inline]
    pub fn slot(self, slot: &'a mut Option<T>) -> SlotArm<'a, T> {
        let chan = self.chan.0.filter(|_| slot.is_some());
        SlotArm {
            raw: RawArm::new(chan, Op::Send),
            slot,
            _borrow: PhantomData,
        }
    }
}

/// `v = <-c`, the value in a place of its own.
#[must_use]
pub struct PlacedRecv<'a, 'p, T> {
    raw: RawArm<'a>,
    /// Holds a value exactly while the outcome is `Done`.
    place: *mut T,
    _borrow: PhantomData<(&'a RawChan, &'p mut MaybeUninit<T>)>,
}

impl<'p, T> PlacedRecv<'_, 'p, T> {
    /// The arm without its type, for one select.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        self.raw.arm(self.place.cast())
    }

    /// What this arm, having been chosen, received.
    #[inline]
    pub fn take(self) -> Received<'p, T> {
        let is_there = self.raw.outcome() == Outcome::Done;
        self.raw.forget_outcome();
        Received {
            place: is_there.then_some(self.place),
            _borrow: PhantomData,
        }
    }

    /// Drops what this arm, having been chosen, received.
    #[inline]
    pub fn discard(self) {}
}

impl<T> Drop for PlacedRecv<'_, '_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.raw.outcome() == Outcome::Done {
            // SAFETY: `Done` said that the place was filled, and it is not looked at again.
            unsafe { self.place.drop_in_place() }
        }
    }
}

/// What was received, still in its place: `None` if the channel is closed and drained. Without a `Drop`,
/// which would keep alive for the body of an arm whatever `T` borrows.
#[must_use]
pub struct Received<'p, T> {
    place: Option<*mut T>,
    _borrow: PhantomData<&'p mut MaybeUninit<T>>,
}

impl<T> Received<'_, T> {
    /// The value.
    #[inline]
    pub fn get(self) -> Option<T> {
        let place = self.place?;
        // SAFETY: the arm has left the value there to us, and this is done once.
        Some(unsafe { place.read() })
    }
}

/// `c <- value`, the value in a place of its own.
#[must_use]
pub struct PlacedSend<'a, T> {
    raw: RawArm<'a>,
    /// Holds a value unless the outcome is `Done`.
    place: *mut T,
    _borrow: PhantomData<&'a mut MaybeUninit<T>>,
}

impl<T> PlacedSend<'_, T> {
    /// The arm without its type, for one select.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        self.raw.arm(self.place.cast())
    }

    /// As [`SendArm::finish`].
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

impl<T> Drop for PlacedSend<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.raw.outcome() != Outcome::Done {
            // SAFETY: not sent, so the value is still here, and this is its last use.
            unsafe { self.place.drop_in_place() }
        }
    }
}

/// `v = <-c`.
#[must_use]
pub struct RecvArm<'a, T> {
    raw: RawArm<'a>,
    /// Holds a value exactly while the outcome is `Done`.
    slot: MaybeUninit<T>,
    _borrow: PhantomData<&'a RawChan>,
}

impl<T> RecvArm<'_, T> {
    /// The arm without its type, for one select.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        self.raw.arm(self.slot.as_mut_ptr().cast())
    }

    /// What this arm, having been chosen, received: `None` if the channel is closed and drained.
    #[inline]
    pub fn take(mut self) -> Option<T> {
        self.take_value()
    }

    /// As [`take`](Self::take), for an arm that is used again.
    #[inline]
    pub(super) fn take_value(&mut self) -> Option<T> {
        if self.raw.outcome() != Outcome::Done {
            return None;
        }
        self.raw.forget_outcome();
        // SAFETY: `Done` said that the slot was filled, and from now on it counts as empty.
        Some(unsafe { self.slot.assume_init_read() })
    }
}

impl<T> Drop for RecvArm<'_, T> {
    #[inline]
    fn drop(&mut self) {
        drop(self.take_value());
    }
}

/// `c <- value`.
#[must_use]
pub struct SendArm<'a, T> {
    raw: RawArm<'a>,
    /// Holds a value unless the outcome is `Done`.
    value: MaybeUninit<T>,
    _borrow: PhantomData<&'a RawChan>,
}

impl<T> SendArm<'_, T> {
    /// The arm without its type, for one select. Never ready once its value has been sent.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        self.raw.arm(self.value.as_mut_ptr().cast())
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

impl<T> Drop for SendArm<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.raw.outcome() != Outcome::Done {
            // SAFETY: not sent, so the value is still here, and this is its last use.
            unsafe { self.value.assume_init_drop() }
        }
    }
}

/// `c <- move slot`.
#[must_use]
pub struct SlotArm<'a, T> {
    raw: RawArm<'a>,
    slot: &'a mut Option<T>,
    _borrow: PhantomData<&'a RawChan>,
}

impl<T> SlotArm<'_, T> {
    /// The arm without its type, for one select.
    #[inline]
    pub fn arm(&mut self) -> Arm<'_> {
        let elem = self.slot.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
        self.raw.arm(elem.cast())
    }

    /// Ends a select that chose this arm: the slot is `None` from now on.
    ///
    /// # Panics
    /// As [`SendArm::finish`]; the value stays in the slot.
    #[inline]
    #[track_caller]
    pub fn finish(self) {
        let outcome = self.raw.outcome();
        if matches!(outcome, Outcome::NoReceivers | Outcome::Discarded) {
            *self.slot = None;
        }
        drop(self);
        if outcome != Outcome::Done {
            failed(outcome);
        }
    }
}

impl<T> Drop for SlotArm<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.raw.outcome() == Outcome::Done {
            // SAFETY: the value was moved out of the slot, which must not drop it again.
            unsafe { ptr::write(self.slot, None) }
        }
    }
}
