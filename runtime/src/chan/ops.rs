//! The operations on a channel handle. Each passes a pointer to its value to the untyped channel and
//! takes the value back unless the outcome says that it is gone.

use super::arm::{recv_case, send_case};
use super::error::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
use super::hchan::Op;
use super::rt::{WaitReason, before_block, end_sender};
use super::select::wait_for;
use super::wait::block_forever;
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::time::Duration;

impl<T, D: Direction> Chan<T, D> {
    /// Sends `value`, waiting until a receiver takes it or the buffer has room. Go: `c <- v`.
    ///
    /// On a nil channel it blocks for ever. If it would have to wait and no handle that can receive
    /// is left, the send can never finish: the goroutine ends as by `goexit` (its destructors run).
    /// While it is unwinding already, such a send drops the value and returns.
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
        let Some(chan) = self.raw() else {
            block_forever(WaitReason::ChanSendNil)
        };
        let mut value = ManuallyDrop::new(value);
        // SAFETY: `value` has this channel's element type, and is forgotten if it was sent.
        match unsafe { chan.send((&raw mut value).cast(), size_of::<T>()) } {
            Outcome::Done => {}
            outcome => {
                drop(ManuallyDrop::into_inner(value));
                failed(outcome);
            }
        }
    }

    /// Sends `value` as [`send`](Self::send) does, but says so if it cannot be done. Unlike `send` it
    /// also refuses when nobody can receive but the buffer has room.
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
        let Some(chan) = self.raw() else {
            block_forever(WaitReason::ChanSendNil)
        };
        if !chan.handles.has_receivers() && !chan.is_closed() {
            return Err(SendError::NoReceivers(value));
        }
        let mut value = ManuallyDrop::new(value);
        // SAFETY: as in `send`.
        match unsafe { chan.send((&raw mut value).cast(), size_of::<T>()) } {
            Outcome::Done => Ok(()),
            Outcome::NoReceivers => Err(SendError::NoReceivers(ManuallyDrop::into_inner(value))),
            Outcome::Closed => Err(SendError::Closed(ManuallyDrop::into_inner(value))),
            outcome => {
                drop(ManuallyDrop::into_inner(value));
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
        let Some(chan) = self.raw() else {
            return Err(TrySendError::Full(value));
        };
        if !chan.handles.has_receivers() && !chan.is_closed() {
            return Err(TrySendError::NoReceivers(value));
        }
        let mut value = ManuallyDrop::new(value);
        // SAFETY: as in `send`.
        match unsafe { chan.try_op(Op::Send, (&raw mut value).cast(), size_of::<T>()) } {
            Outcome::Done => Ok(()),
            Outcome::Closed => Err(TrySendError::Closed(ManuallyDrop::into_inner(value))),
            _ => Err(TrySendError::Full(ManuallyDrop::into_inner(value))),
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
        let Some(chan) = self.raw() else {
            block_forever(WaitReason::ChanReceiveNil)
        };
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: `value` has this channel's element type; `Done` says that it was filled.
        unsafe {
            match chan.recv(value.as_mut_ptr().cast(), size_of::<T>()) {
                Outcome::Done => Some(value.assume_init()),
                Outcome::Closed => None,
                outcome => {
                    failed(outcome);
                    None
                }
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
        let Some(chan) = self.raw() else {
            return Err(TryRecvError::Empty);
        };
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: as in `recv`.
        unsafe {
            match chan.try_op(Op::Recv, value.as_mut_ptr().cast(), size_of::<T>()) {
                Outcome::Done => Ok(value.assume_init()),
                Outcome::Closed => Err(TryRecvError::Closed),
                _ => Err(TryRecvError::Empty),
            }
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
        let value = match self.try_send(value) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(value)) => value,
            Err(TrySendError::Closed(value)) => return Err(SendTimeoutError::Closed(value)),
            Err(TrySendError::NoReceivers(v)) => return Err(SendTimeoutError::NoReceivers(v)),
        };
        if timeout.is_zero() {
            return Err(SendTimeoutError::Timeout(value));
        }
        let mut slot = Some(value);
        let mut arm = send_case(self).slot(&mut slot);
        let chosen = wait_for(&mut [arm.arm()], false, timeout);
        let outcome = arm.outcome();
        drop(arm); // empties the slot if the value was sent
        match (slot, chosen, outcome) {
            (None, ..) => Ok(()),
            (Some(value), None, _) => Err(SendTimeoutError::Timeout(value)),
            (Some(value), _, Outcome::NoReceivers) => Err(SendTimeoutError::NoReceivers(value)),
            (Some(value), ..) => Err(SendTimeoutError::Closed(value)),
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
        match self.try_recv() {
            Ok(value) => return Ok(value),
            Err(TryRecvError::Closed) => return Err(RecvTimeoutError::Closed),
            Err(TryRecvError::Empty) if timeout.is_zero() => return Err(RecvTimeoutError::Timeout),
            Err(TryRecvError::Empty) => {}
        }
        let mut arm = recv_case(self);
        match wait_for(&mut [arm.arm()], false, timeout) {
            None => Err(RecvTimeoutError::Timeout),
            Some(_) => arm.take().ok_or(RecvTimeoutError::Closed),
        }
    }

    /// Closes the channel: values in the buffer can still be received, then receives report `None` at
    /// once; everybody who waits is woken, waiting senders panic. Go: `close(c)`.
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
}

/// How a blocking operation ends that neither succeeded nor found the channel closed in an orderly
/// way; an unsent value has been dropped. Returns only if the goroutine is unwinding and the channel
/// has no receivers.
#[cold]
#[inline(never)]
#[track_caller]
pub(super) fn failed(outcome: Outcome) {
    match outcome {
        Outcome::Closed => panic!("send on closed channel"),
        Outcome::NoReceivers if std::thread::panicking() => {}
        Outcome::NoReceivers => end_sender(),
        Outcome::Forbidden => before_block(),
        Outcome::Pending | Outcome::Done => unreachable!("{outcome:?} is no failure"),
    }
}
