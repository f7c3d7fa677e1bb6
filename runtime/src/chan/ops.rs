//! The operations on a channel handle. Each passes its value by its place, and gets it back unless the value is gone.

use super::arm::{PlacedRecv, PlacedSend};
use super::error::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
use super::place::InPlace;
use super::raw_arm::Arm;
use super::rt::{Held, WaitReason};
use super::select::wait_for;
use super::typed::{Typed, Unsent};
use super::wait::{block_forever, failed};
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction};
use std::mem::MaybeUninit;
use std::time::Duration;

impl<T, D: Direction> Chan<T, D> {
    /// Sends `value`, waiting until a receiver takes it or the buffer has room. Go: `c <- v`.
    ///
    /// On a nil channel it blocks for ever. When the last handle that can receive goes, what is in the
    /// buffer is dropped. After that a send for which there would be room drops its value and returns; one
    /// that would have to wait can never finish: the goroutine ends as by `goexit` (its destructors
    /// run), or if it is unwinding already, the send drops the value and returns.
    /// [`checked_send`](Self::checked_send) returns these ends as errors instead.
    ///
    /// # Panics
    /// `send on closed channel`. On the main goroutine and on plain threads also `send on channel
    /// without receivers`. The value is dropped first.
    ///
    /// # Suspends
    /// While there is no receiver and no room.
    ///
    /// ```
    /// use goroutines::chan::Chan;
    /// let ch = Chan::new(1);
    /// ch.send(42);
    /// assert_eq!(ch.recv(), Some(42));
    /// ```
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T)
    where
        D: CanSend,
    {
        let Some(chan) = self.typed() else {
            block_forever(WaitReason::ChanSendNil)
        };
        let mut held = Held::Value(value);
        if let Err((outcome, value)) = chan.send(InPlace::held(&mut held)) {
            value.drop_in_place();
            failed(outcome);
        }
    }

    /// Sends `value` as [`send`](Self::send) does, but returns an error if it cannot be done. Unlike
    /// `send` it also refuses when no receiver is left but the buffer has room.
    ///
    /// # Errors
    /// [`SendError::Closed`] and [`SendError::NoReceivers`], with the value.
    ///
    /// # Suspends
    /// While there is no receiver and no room.
    ///
    /// ```
    /// use goroutines::chan::{self, SendError};
    /// let (tx, rx) = chan::channel(1);
    /// assert_eq!(tx.checked_send(1), Ok(()));
    /// drop(rx);
    /// assert_eq!(tx.checked_send(2), Err(SendError::NoReceivers(2)));
    /// ```
    #[inline]
    pub fn checked_send(&self, value: T) -> Result<(), SendError<T>>
    where
        D: CanSend,
    {
        let Some(chan) = self.typed() else {
            block_forever(WaitReason::ChanSendNil)
        };
        let mut held = Held::Value(value);
        let value = InPlace::held(&mut held);
        if chan.refuses() {
            return refuse(SendError::NoReceivers, value);
        }
        match chan.send(value) {
            Ok(()) => Ok(()),
            Err((Outcome::Closed, value)) => refuse(SendError::Closed, value),
            Err((Outcome::NoReceivers | Outcome::Discarded, value)) => {
                refuse(SendError::NoReceivers, value)
            }
            Err((outcome, value)) => {
                value.drop_in_place();
                failed(outcome);
                Ok(())
            }
        }
    }

    /// Sends `value` if that needs no waiting. Go: `select { case c <- v: default: }`.
    ///
    /// # Errors
    /// [`TrySendError::Closed`], [`TrySendError::NoReceivers`] (even if the buffer has room) and
    /// [`TrySendError::Full`], with the value.
    ///
    /// ```
    /// use goroutines::chan::{Chan, TrySendError};
    /// let ch = Chan::new(1);
    /// assert_eq!(ch.try_send(1), Ok(()));
    /// assert_eq!(ch.try_send(2), Err(TrySendError::Full(2)));
    /// ```
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>>
    where
        D: CanSend,
    {
        let mut held = Held::Value(value);
        match self.try_send_from(InPlace::held(&mut held)) {
            Ok(()) => Ok(()),
            Err((Outcome::Closed, value)) => refuse(TrySendError::Closed, value),
            Err((Outcome::NoReceivers | Outcome::Discarded, value)) => {
                refuse(TrySendError::NoReceivers, value)
            }
            Err((_, value)) => refuse(TrySendError::Full, value),
        }
    }

    /// [`try_send`](Self::try_send) of a value that lies somewhere.
    #[inline]
    fn try_send_from<'p>(&self, value: InPlace<'p, T>) -> Result<(), Unsent<'p, T>> {
        match self.typed() {
            None => Err((Outcome::Pending, value)),
            Some(chan) if chan.refuses() => Err((Outcome::NoReceivers, value)),
            Some(chan) => chan.try_send(value),
        }
    }

    /// Receives a value, waiting until there is one. `None`: the channel is closed and drained, or it
    /// is drained and no sender is left. Go: `v, ok := <-c`.
    ///
    /// On a nil channel it blocks for ever.
    ///
    /// # Suspends
    /// While the channel is empty.
    ///
    /// ```
    /// use goroutines::chan::Chan;
    /// let ch = Chan::new(1);
    /// ch.send(1);
    /// ch.close();
    /// assert_eq!(ch.recv(), Some(1));
    /// assert_eq!(ch.recv(), None);
    /// ```
    #[inline]
    pub fn recv(&self) -> Option<T>
    where
        D: CanRecv,
    {
        let Some(chan) = self.typed() else {
            block_forever(WaitReason::ChanReceiveNil)
        };
        match chan.recv(&mut MaybeUninit::uninit()) {
            Ok(value) => Some(value.take()),
            Err(Outcome::Closed) => None,
            Err(outcome) => {
                failed(outcome);
                None
            }
        }
    }

    /// Receives a value if one is there. Go: `select { case v, ok := <-c: default: }`.
    ///
    /// # Errors
    /// [`TryRecvError::Empty`], or [`TryRecvError::Closed`] if the channel is drained too.
    ///
    /// ```
    /// use goroutines::chan::{Chan, TryRecvError};
    /// let ch = Chan::new(1);
    /// assert_eq!(ch.try_recv(), Err(TryRecvError::Empty));
    /// ch.send(1);
    /// assert_eq!(ch.try_recv(), Ok(1));
    /// ```
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError>
    where
        D: CanRecv,
    {
        let Some(chan) = self.typed() else {
            return Err(TryRecvError::Empty);
        };
        match chan.try_recv(&mut MaybeUninit::uninit()) {
            Ok(value) => accept(value),
            Err(Outcome::Closed) => Err(TryRecvError::Closed),
            Err(_) => Err(TryRecvError::Empty),
        }
    }

    /// Sends `value` as [`checked_send`](Self::checked_send) does, waiting no longer than `timeout`.
    /// Zero does not wait at all.
    ///
    /// # Errors
    /// [`SendTimeoutError`], with the value. On a nil channel always `Timeout`.
    ///
    /// # Suspends
    /// While there is no receiver and no room.
    ///
    /// ```
    /// use goroutines::chan::{Chan, SendTimeoutError};
    /// use std::time::Duration;
    /// let ch = Chan::new(1);
    /// assert_eq!(ch.send_timeout(1, Duration::from_millis(1)), Ok(()));
    /// let full = ch.send_timeout(2, Duration::from_millis(1));
    /// assert_eq!(full, Err(SendTimeoutError::Timeout(2)));
    /// ```
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>>
    where
        D: CanSend,
    {
        let mut held = Held::Value(value);
        let sent = match self.try_send_from(InPlace::held(&mut held)) {
            Err((Outcome::Pending, value)) if !timeout.is_zero() => {
                send_before(self.typed(), value, timeout)
            }
            sent => sent,
        };
        match sent {
            Ok(()) => Ok(()),
            Err((Outcome::Closed, value)) => refuse(SendTimeoutError::Closed, value),
            Err((Outcome::NoReceivers | Outcome::Discarded, value)) => {
                refuse(SendTimeoutError::NoReceivers, value)
            }
            Err((_, value)) => refuse(SendTimeoutError::Timeout, value),
        }
    }

    /// Receives a value, waiting no longer than `timeout`. Zero does not wait at all.
    ///
    /// # Errors
    /// [`RecvTimeoutError::Timeout`], or [`RecvTimeoutError::Closed`] if the channel is drained too. On
    /// a nil channel always `Timeout`.
    ///
    /// # Suspends
    /// While the channel is empty.
    ///
    /// ```
    /// use goroutines::chan::{Chan, RecvTimeoutError};
    /// use std::time::Duration;
    /// let ch = Chan::<u8>::new(0);
    /// let nothing = ch.recv_timeout(Duration::from_millis(1));
    /// assert_eq!(nothing, Err(RecvTimeoutError::Timeout));
    /// ```
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError>
    where
        D: CanRecv,
    {
        let mut place = MaybeUninit::uninit();
        let mut outcome = match self.typed().map(|chan| chan.try_recv(&mut place)) {
            Some(Ok(value)) => return accept(value),
            Some(Err(outcome)) => outcome,
            None => Outcome::Pending,
        };
        if outcome == Outcome::Pending && !timeout.is_zero() {
            outcome = match recv_before(self.typed(), &mut place, timeout) {
                Ok(value) => return accept(value),
                Err(outcome) => outcome,
            };
        }
        Err(match outcome {
            Outcome::Closed => RecvTimeoutError::Closed,
            _ => RecvTimeoutError::Timeout,
        })
    }

    /// Closes the channel: values in the buffer can still be received, then receives report `None` at
    /// once; all waiters are woken, and waiting senders panic. Go: `close(c)`.
    ///
    /// # Panics
    /// `close of closed channel`, `close of nil channel`.
    ///
    /// ```
    /// use goroutines::chan::Chan;
    /// let ch = Chan::<i32>::new(0);
    /// ch.close();
    /// assert_eq!(ch.recv(), None);
    /// ```
    #[track_caller]
    pub fn close(&self)
    where
        D: CanSend,
    {
        match self.raw() {
            None => panic!("close of nil channel"),
            Some(chan) => {
                chan.check("close of synctest channel from outside bubble");
                assert!(chan.close(), "close of closed channel");
            }
        }
    }

    /// [`close`](Self::close) of a channel that is not nil, whose user keeps a lock: `unlock` gives it back once the
    /// channel is closed, before any waiter is woken.
    pub(crate) fn close_and(&self, unlock: impl FnOnce())
    where
        D: CanSend,
    {
        let chan = self.raw().expect("not nil");
        chan.check("close of synctest channel from outside bubble");
        assert!(chan.close_and(unlock), "close of closed channel");
    }
}

/// A send that waits no longer than `timeout`; `Pending`: the time is over.
fn send_before<'p, T>(
    chan: Option<Typed<'p, T>>,
    value: InPlace<'p, T>,
    timeout: Duration,
) -> Result<(), Unsent<'p, T>> {
    let mut send = PlacedSend::new(chan, value);
    one_before(send.arm(), timeout);
    send.result()
}

/// A receive that waits no longer than `timeout`; `Pending`: the time is over.
fn recv_before<'p, T>(
    chan: Option<Typed<'p, T>>,
    place: &'p mut MaybeUninit<T>,
    timeout: Duration,
) -> Result<InPlace<'p, T>, Outcome> {
    let mut recv = PlacedRecv::new(chan, place);
    one_before(recv.arm(), timeout);
    recv.result()
}

/// A select of one arm.
#[inline(never)]
fn one_before(arm: Arm<'_>, timeout: Duration) {
    wait_for(&mut [arm], false, timeout);
}

/// Hands over what was received. (A function, so that each use has no copy of its own in a debug build's frame.)
#[inline]
fn accept<T, E>(value: InPlace<'_, T>) -> Result<T, E> {
    Ok(value.take())
}

/// `Err(variant(value))`. By its place, and in a function of its own: a debug build has a place for each
/// copy on the way, for each variant.
#[inline]
fn refuse<T, E>(variant: fn(T) -> E, value: InPlace<'_, T>) -> Result<(), E> {
    Err(variant(value.take()))
}
