//! The asynchronous ends: sends and receives as futures, a receiver as a stream.
//!
//! They can be mixed at will with those that block: a channel does not know who waits on it.

use super::future::{Ended, Waiting};
use super::hchan::{Op, RawChan};
use super::waitq::Outcome;
use super::{CanRecv, CanSend, Chan, Direction, Receiver, SendError};
use futures_core::{FusedStream, Stream};
use std::fmt;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::task::{Context, Poll};

impl<T, D: Direction> Chan<T, D> {
    /// [`checked_send`](Self::checked_send) for `async` code: it occupies no thread and no goroutine, and any
    /// executor can poll it. On the other side may be receivers of any kind.
    ///
    /// A future that is dropped before it is ready has sent the value if somebody had taken it by then; else
    /// the value is dropped with it. On a nil channel it is never ready.
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
        SendFuture {
            chan: self,
            state: Step::New(Some(value)),
        }
    }

    /// [`recv`](Self::recv) for `async` code: it occupies no thread and no goroutine, and any executor can poll
    /// it. On the other side may be senders of any kind. `None`: closed and drained.
    ///
    /// Nothing is lost if the future is dropped before it is ready, as `select!` macros do: a value that had
    /// been handed to it goes to the next receiver, before all that was sent later. A close does not wait for
    /// a future, though: what one was handed, and has not been polled for, goes to a receiver that would
    /// otherwise be told of the end, and then the future yields `None`. On a nil channel it is never ready.
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
        RecvFuture {
            chan: self,
            state: Step::New(None),
        }
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
            state: Step::New(None),
            ended: false,
            chan: self.into_end(),
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

impl<T> Step<T> {
    /// One poll of an operation.
    fn poll(&mut self, chan: Option<&RawChan>, op: Op, cx: &Context<'_>) -> Poll<Ended<T>> {
        let ended = match self {
            Step::New(_) if chan.is_none() => return Poll::Pending,
            Step::New(value) => match begin(chan.expect("looked above"), op, value.take(), cx) {
                Ok(waiting) => {
                    *self = Step::Waits(waiting);
                    return Poll::Pending;
                }
                Err(ended) => ended,
            },
            Step::Waits(waiting) => match waiting.poll(cx) {
                Some(ended) => ended,
                None => return Poll::Pending,
            },
            Step::Over => panic!("a channel's future was polled after it was ready"),
        };
        // What was waiting is used up.
        *self = Step::Over;
        Poll::Ready(ended)
    }

    fn cancel(&mut self) {
        if let Step::Waits(waiting) = std::mem::replace(self, Step::Over) {
            waiting.cancel();
        }
    }
}

/// Tries without waiting, and begins to wait if that does not do.
fn begin<T>(
    chan: &RawChan,
    op: Op,
    value: Option<T>,
    cx: &Context<'_>,
) -> Result<Waiting<T>, Ended<T>> {
    let value = match (op, value) {
        (Op::Recv, _) => {
            let mut place = MaybeUninit::<T>::uninit();
            // SAFETY: a place for an element; `Done` says that it was filled.
            unsafe {
                match chan.try_op(op, place.as_mut_ptr().cast(), size_of::<T>()) {
                    Outcome::Pending => None,
                    Outcome::Done => return Err((Outcome::Done, Some(place.assume_init()))),
                    outcome => return Err((outcome, None)),
                }
            }
        }
        (Op::Send, value) if chan.refuses() => return Err((Outcome::NoReceivers, value)),
        (Op::Send, value) => {
            let mut value = ManuallyDrop::new(value.expect("a send has a value"));
            // SAFETY: an element, which is gone only if the outcome is `Done`, and used once.
            unsafe {
                let outcome = chan.try_op(op, (&raw mut value).cast(), size_of::<T>());
                match outcome {
                    Outcome::Pending => Some(ManuallyDrop::take(&mut value)),
                    Outcome::Done => return Err((Outcome::Done, None)),
                    outcome => return Err((outcome, Some(ManuallyDrop::take(&mut value)))),
                }
            }
        }
    };
    Waiting::begin(chan, op, value, cx)
}

/// The future of [`Chan::send_async`].
#[must_use = "futures do nothing unless they are polled"]
pub struct SendFuture<'a, T, D: Direction> {
    chan: &'a Chan<T, D>,
    state: Step<T>,
}

/// The future of [`Chan::recv_async`].
#[must_use = "futures do nothing unless they are polled"]
pub struct RecvFuture<'a, T, D: Direction> {
    chan: &'a Chan<T, D>,
    state: Step<T>,
}

/// The stream of [`Chan::into_stream`].
#[must_use = "streams do nothing unless they are polled"]
pub struct RecvStream<T> {
    state: Step<T>,
    ended: bool,
    chan: Receiver<T>,
}

// The value is moved when it is sent, and never pinned.
impl<T, D: Direction> Unpin for SendFuture<'_, T, D> {}
impl<T, D: Direction> Unpin for RecvFuture<'_, T, D> {}
impl<T> Unpin for RecvStream<T> {}

impl<T, D: Direction> Future for SendFuture<'_, T, D> {
    type Output = Result<(), SendError<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let chan = self.chan.raw();
        self.state
            .poll(chan, Op::Send, cx)
            .map(|ended| match ended {
                (Outcome::Closed, Some(value)) => Err(SendError::Closed(value)),
                (_, Some(value)) => Err(SendError::NoReceivers(value)),
                (_, None) => Ok(()),
            })
    }
}

impl<T, D: Direction> Future for RecvFuture<'_, T, D> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let chan = self.chan.raw();
        self.state.poll(chan, Op::Recv, cx).map(|ended| ended.1)
    }
}

impl<T> Stream for RecvStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        let polled = this.state.poll(this.chan.raw(), Op::Recv, cx);
        polled.map(|(_, value)| {
            this.state = Step::New(None);
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
    /// The receiver. What had been handed to the stream and was not taken is received next.
    pub fn into_receiver(self) -> Receiver<T> {
        self.chan.clone()
    }
}

impl<T, D: Direction> Drop for SendFuture<'_, T, D> {
    fn drop(&mut self) {
        self.state.cancel();
    }
}

impl<T, D: Direction> Drop for RecvFuture<'_, T, D> {
    fn drop(&mut self) {
        self.state.cancel();
    }
}

impl<T> Drop for RecvStream<T> {
    fn drop(&mut self) {
        self.state.cancel();
    }
}

impl<T, D: Direction> fmt::Debug for SendFuture<'_, T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendFuture").field(self.chan).finish()
    }
}

impl<T, D: Direction> fmt::Debug for RecvFuture<'_, T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecvFuture").field(self.chan).finish()
    }
}

impl<T> fmt::Debug for RecvStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecvStream").field(&self.chan).finish()
    }
}
