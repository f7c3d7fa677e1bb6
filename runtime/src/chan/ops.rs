//! The operations on a channel handle. Each passes a pointer to its value to the untyped channel and
//! takes the value back unless the outcome says that it is gone.

use super::error::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
use super::hchan::{Op, RawChan};
use super::raw_arm::RawArm;
use super::rt::{Held, WaitReason, before_block, end_sender};
use super::select::wait_for;
use super::wait::block_forever;
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction};
use std::mem::{ManuallyDrop, MaybeUninit};
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
        let Some(chan) = self.raw() else {
            block_forever(WaitReason::ChanSendNil)
        };
        let mut value = ManuallyDrop::new(value);
        // SAFETY: `value` has this channel's element type, and is forgotten if it was sent.
        unsafe {
            match chan.send((&raw mut value).cast(), size_of::<T>()) {
                Outcome::Done => {}
                outcome => {
                    ManuallyDrop::drop(&mut value);
                    failed(outcome);
                }
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
        let mut value = ManuallyDrop::new(value);
        let elem = (&raw mut value).cast::<T>();
        // SAFETY: as in `send`. What was not sent is there, and used once more.
        unsafe {
            let outcome = if chan.refuses() {
                Outcome::NoReceivers
            } else {
                chan.send(elem.cast(), size_of::<T>())
            };
            match outcome {
                Outcome::Done => Ok(()),
                Outcome::Closed => refuse(SendError::Closed, elem),
                Outcome::NoReceivers | Outcome::Discarded => refuse(SendError::NoReceivers, elem),
                outcome => {
                    elem.drop_in_place();
                    failed(outcome);
                    Ok(())
                }
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
        let mut value = ManuallyDrop::new(value);
        let elem = (&raw mut value).cast::<T>();
        // SAFETY: as in `send`. What was not sent is there, and used once more.
        unsafe {
            match self.try_send_from(elem.cast()) {
                Outcome::Done => Ok(()),
                Outcome::Closed => refuse(TrySendError::Closed, elem),
                Outcome::NoReceivers => refuse(TrySendError::NoReceivers, elem),
                _ => refuse(TrySendError::Full, elem),
            }
        }
    }

    /// [`try_send`](Self::try_send) of the value at `elem`, which is gone if the outcome is `Done`.
    ///
    /// # Safety
    /// `elem` holds a `T`.
    #[inline]
    unsafe fn try_send_from(&self, elem: *mut u8) -> Outcome {
        let Some(chan) = self.raw() else {
            return Outcome::Pending;
        };
        if chan.refuses() {
            return Outcome::NoReceivers;
        }
        // SAFETY: the elements are of type `T`.
        match unsafe { chan.try_op(Op::Send, elem, size_of::<T>()) } {
            Outcome::Discarded => Outcome::NoReceivers,
            outcome => outcome,
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
        let mut held = Held::Value(value);
        let elem = held.let_go();
        // SAFETY: as in `send`.
        let mut outcome = unsafe { self.try_send_from(elem.cast()) };
        if outcome == Outcome::Pending && !timeout.is_zero() {
            // SAFETY: as in `send`; this handle keeps the channel.
            outcome = unsafe { one_before(self.raw(), Op::Send, elem.cast(), timeout) };
        }
        // SAFETY: not sent, so it is there, and this is its last use.
        unsafe {
            match outcome {
                Outcome::Done => Ok(()),
                Outcome::Closed => refuse(SendTimeoutError::Closed, elem),
                Outcome::NoReceivers | Outcome::Discarded => {
                    refuse(SendTimeoutError::NoReceivers, elem)
                }
                _ => refuse(SendTimeoutError::Timeout, elem),
            }
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
        let mut value = MaybeUninit::<T>::uninit();
        let elem = value.as_mut_ptr().cast::<u8>();
        let mut outcome = match self.raw() {
            None => Outcome::Pending,
            // SAFETY: as in `recv`.
            Some(chan) => unsafe { chan.try_op(Op::Recv, elem, size_of::<T>()) },
        };
        if outcome == Outcome::Pending && !timeout.is_zero() {
            // SAFETY: as in `recv`; this handle keeps the channel.
            outcome = unsafe { one_before(self.raw(), Op::Recv, elem, timeout) };
        }
        match outcome {
            // SAFETY: `Done` says that it was filled.
            Outcome::Done => Ok(unsafe { value.assume_init() }),
            Outcome::Closed => Err(RecvTimeoutError::Closed),
            _ => Err(RecvTimeoutError::Timeout),
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

    /// [`close`](Self::close) of a channel that is not nil, whose user keeps a lock: `unlock` gives it back once the
    /// channel is closed, before anybody is woken.
    pub(crate) fn close_and(&self, unlock: impl FnOnce())
    where
        D: CanSend,
    {
        let chan = self.raw().expect("not nil");
        chan.check("close of synctest channel from outside bubble");
        assert!(chan.close_and(unlock), "close of closed channel");
    }
}

/// One operation that waits no longer than `timeout`; `Pending`: the time is over.
///
/// # Safety
/// As for [`RawArm::arm`]: `elem` holds, or has room for, a value of the channel's element type.
#[inline(never)]
unsafe fn one_before(chan: Option<&RawChan>, op: Op, elem: *mut u8, timeout: Duration) -> Outcome {
    let mut arm = RawArm::new(chan, op);
    wait_for(&mut [arm.arm(elem)], false, timeout);
    arm.outcome()
}

/// `Err(variant(value))`. By a pointer, and in a function of its own: a debug build has a place for each
/// copy on the way, for each variant.
///
/// # Safety
/// There is a value, which is the caller's and not used any more.
#[inline]
unsafe fn refuse<T, E>(variant: fn(T) -> E, value: *mut T) -> Result<(), E> {
    // SAFETY: the caller's promise.
    Err(variant(unsafe { value.read() }))
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
