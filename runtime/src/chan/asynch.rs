//! The asynchronous ends: sends and receives as futures, a receiver as a stream.
//!
//! They can be mixed at will with those that block: a channel does not know what kind of waiter it has.

use super::future::{Ended, Waiting};
use super::hchan::Op;
use super::place::put;
use super::typed::Typed;
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction, Receiver, RecvOnly, SendError};
use futures_core::{FusedStream, Stream};
use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::task::{Context, Poll};

impl<T, D: Direction> Chan<T, D> {
    /// [`checked_send`](Self::checked_send) for `async` code: it occupies no thread and no goroutine, and any
    /// executor can poll it. There may be receivers of any kind on the other side.
    ///
    /// A future that is dropped before it is ready has sent the value if a receiver had taken it by then;
    /// else the value is dropped with it. On a nil channel it is never ready.
    ///
    /// # Errors
    /// [`SendError::Closed`] and [`SendError::NoReceivers`], with the value.
    ///
    /// # Panics
    /// If it is polled after it was ready.
    ///
    /// ```
    /// use goroutines::{block_on, chan, spawn};
    ///
    /// let (tx, rx) = chan::channel(0);
    /// let receiver = spawn(move || rx.recv());
    /// block_on(async move {
    ///     assert_eq!(tx.send_async(7).await, Ok(()));
    /// });
    /// assert_eq!(receiver.join().unwrap(), Some(7));
    /// ```
    pub fn send_async(&self, value: T) -> SendFuture<'_, T, D>
    where
        D: CanSend,
    {
        SendFuture(Attached::new(self, Some(value)))
    }

    /// [`recv`](Self::recv) for `async` code: it occupies no thread and no goroutine, and any executor can poll
    /// it. There may be senders of any kind on the other side. `None`: closed and drained.
    ///
    /// Nothing is lost if the future is dropped before it is ready, as `select!` macros do: a value that had been
    /// handed to it goes to the next receiver, before all values that were sent later. A close does not wait for a
    /// future, though: if a future was handed a value and has not been polled since, the value goes to a receiver that
    /// would otherwise be told of the end, and then the future yields `None`. On a nil channel it is never ready.
    ///
    /// # Panics
    /// If it is polled after it was ready.
    ///
    /// ```
    /// use goroutines::{block_on, chan, go};
    ///
    /// let (tx, rx) = chan::channel(0);
    /// go!(tx.send("hello"));
    /// block_on(async move {
    ///     assert_eq!(rx.recv_async().await, Some("hello"));
    ///     assert_eq!(rx.recv_async().await, None);
    /// });
    /// ```
    pub fn recv_async(&self) -> RecvFuture<'_, T, D>
    where
        D: CanRecv,
    {
        RecvFuture(Attached::new(self, None))
    }

    /// This receiver as a [`Stream`], which ends when the channel is closed and drained.
    ///
    /// ```
    /// use futures_lite::StreamExt;
    /// use goroutines::{block_on, chan, go};
    ///
    /// let (tx, rx) = chan::channel(2);
    /// go!(move || (0..10).for_each(|i| tx.send(i)));
    /// let sum = block_on(rx.into_stream().fold(0, |sum, i| sum + i));
    /// assert_eq!(sum, 45);
    /// ```
    pub fn into_stream(self) -> RecvStream<T>
    where
        D: CanRecv,
    {
        RecvStream {
            op: Attached::new(self.into_end(), None),
            ended: false,
        }
    }
}

/// How far a future has come.
enum Step<T> {
    /// Not polled; what is to be sent.
    New(Option<T>),
    Waits(Waiting<T>),
    Over,
}

/// An operation on the channel of the handle `C`, which it holds: so the channel is there until the operation is over.
struct Attached<T, D: Direction, C: Borrow<Chan<T, D>>> {
    state: Step<T>,
    chan: C,
    _type: PhantomData<D>,
}

impl<T, D: Direction, C: Borrow<Chan<T, D>>> Attached<T, D, C> {
    fn new(chan: C, value: Option<T>) -> Self {
        Attached {
            state: Step::New(value),
            chan,
            _type: PhantomData,
        }
    }

    /// One poll.
    fn poll(&mut self, op: Op, cx: &Context<'_>) -> Poll<Ended<T>> {
        let chan = self.chan.borrow().typed();
        let ended = match &mut self.state {
            Step::New(value) => {
                let Some(chan) = chan else {
                    return Poll::Pending;
                };
                // SAFETY: the handle is not dropped before `self` is, and dropping that cancels what waits.
                match unsafe { begin(chan, op, value.take(), cx) } {
                    Ok(waiting) => {
                        self.state = Step::Waits(waiting);
                        return Poll::Pending;
                    }
                    Err(ended) => ended,
                }
            }
            Step::Waits(waiting) => match waiting.poll(cx) {
                Some(ended) => ended,
                None => return Poll::Pending,
            },
            Step::Over => panic!("a channel's future was polled after it was ready"),
        };
        self.state = Step::Over;
        Poll::Ready(ended)
    }
}

impl<T, D: Direction, C: Borrow<Chan<T, D>>> Drop for Attached<T, D, C> {
    fn drop(&mut self) {
        if let Step::Waits(waiting) = mem::replace(&mut self.state, Step::Over) {
            waiting.cancel();
        }
    }
}

/// Tries without waiting, and begins to wait if that fails.
///
/// # Safety
/// As [`Waiting::begin`].
unsafe fn begin<T>(
    chan: Typed<'_, T>,
    op: Op,
    value: Option<T>,
    cx: &Context<'_>,
) -> Result<Waiting<T>, Ended<T>> {
    let value = match (op, value) {
        (Op::Recv, _) => match chan.try_recv(&mut MaybeUninit::uninit()) {
            Ok(value) => return Err((Outcome::Done, Some(value.take()))),
            Err(Outcome::Pending) => None,
            Err(outcome) => return Err((outcome, None)),
        },
        (Op::Send, value) if chan.refuses() => return Err((Outcome::NoReceivers, value)),
        (Op::Send, value) => {
            let mut place = MaybeUninit::uninit();
            let value = value.expect("a send has a value");
            match chan.try_send(put!(&mut place, value)) {
                Ok(()) => return Err((Outcome::Done, None)),
                Err((Outcome::Pending, value)) => Some(value.take()),
                Err((outcome, value)) => return Err((outcome, Some(value.take()))),
            }
        }
    };
    // SAFETY: forwarded.
    unsafe { Waiting::begin(chan, op, value, cx) }
}

/// The future of [`Chan::send_async`].
#[must_use = "futures do nothing unless they are polled"]
pub struct SendFuture<'a, T, D: Direction>(Attached<T, D, &'a Chan<T, D>>);

/// The future of [`Chan::recv_async`].
#[must_use = "futures do nothing unless they are polled"]
pub struct RecvFuture<'a, T, D: Direction>(Attached<T, D, &'a Chan<T, D>>);

/// The stream of [`Chan::into_stream`].
#[must_use = "streams do nothing unless they are polled"]
pub struct RecvStream<T> {
    op: Attached<T, RecvOnly, Receiver<T>>,
    ended: bool,
}

// The value is moved when it is sent, and never pinned.
impl<T, D: Direction> Unpin for SendFuture<'_, T, D> {}
impl<T, D: Direction> Unpin for RecvFuture<'_, T, D> {}
impl<T> Unpin for RecvStream<T> {}

impl<T, D: Direction> Future for SendFuture<'_, T, D> {
    type Output = Result<(), SendError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(Op::Send, cx).map(|ended| match ended {
            (Outcome::Closed, Some(value)) => Err(SendError::Closed(value)),
            (_, Some(value)) => Err(SendError::NoReceivers(value)),
            (_, None) => Ok(()),
        })
    }
}

impl<T, D: Direction> Future for RecvFuture<'_, T, D> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(Op::Recv, cx).map(|ended| ended.1)
    }
}

impl<T> Stream for RecvStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        this.op.poll(Op::Recv, cx).map(|(_, value)| {
            this.op.state = Step::New(None);
            this.ended = value.is_none();
            value
        })
    }
}

impl<T> FusedStream for RecvStream<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> RecvStream<T> {
    /// The receiver. A value that had been handed to the stream and was not taken is received next.
    pub fn into_receiver(self) -> Receiver<T> {
        self.op.chan.clone()
    }
}

impl<T, D: Direction> fmt::Debug for SendFuture<'_, T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendFuture").field(self.0.chan).finish()
    }
}

impl<T, D: Direction> fmt::Debug for RecvFuture<'_, T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecvFuture").field(self.0.chan).finish()
    }
}

impl<T> fmt::Debug for RecvStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecvStream").field(&self.op.chan).finish()
    }
}
