//! What the non-panicking channel operations return when they fail. An error of a send gives the
//! value back.

use std::error::Error;
use std::fmt;

const CLOSED: &str = "send on closed channel";
const NO_RECEIVERS: &str = "send on channel without receivers";

/// Why [`checked_send`](super::Chan::checked_send) did not send.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendError<T> {
    /// The channel is closed.
    Closed(T),
    /// No receiver is left.
    NoReceivers(T),
}

/// Why [`try_send`](super::Chan::try_send) did not send.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// It would have to wait. A nil channel is always full.
    Full(T),
    /// The channel is closed.
    Closed(T),
    /// No receiver is left.
    NoReceivers(T),
}

/// Why [`send_timeout`](super::Chan::send_timeout) did not send.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendTimeoutError<T> {
    /// The time is over.
    Timeout(T),
    /// The channel is closed.
    Closed(T),
    /// No receiver is left.
    NoReceivers(T),
}

/// Why [`try_recv`](super::Chan::try_recv) did not receive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TryRecvError {
    /// Nothing is there now. A nil channel is always empty.
    Empty,
    /// The channel is closed and drained.
    Closed,
}

/// Why [`recv_timeout`](super::Chan::recv_timeout) did not receive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecvTimeoutError {
    /// The time is over.
    Timeout,
    /// The channel is closed and drained.
    Closed,
}

/// `into_inner`, `Debug` without `T: Debug`, `Display` and `Error` of an error that holds a value.
macro_rules! holds_value {
    ($name:ident { $($variant:ident => $text:expr),+ }) => {
        impl<T> $name<T> {
            /// The value that was not sent.
            pub fn into_inner(self) -> T {
                match self { $(Self::$variant(value))|+ => value }
            }
        }
        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(_) => f.write_str(concat!(stringify!($variant), "(..)"))),+ }
            }
        }
        impl<T> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant(_) => f.write_str($text)),+ }
            }
        }
        impl<T> Error for $name<T> {}
    };
}
holds_value!(SendError { Closed => CLOSED, NoReceivers => NO_RECEIVERS });
holds_value!(TrySendError { Full => "send on full channel", Closed => CLOSED, NoReceivers => NO_RECEIVERS });
holds_value!(SendTimeoutError { Timeout => "send timed out", Closed => CLOSED, NoReceivers => NO_RECEIVERS });

impl<T> From<SendError<T>> for TrySendError<T> {
    fn from(e: SendError<T>) -> Self {
        match e {
            SendError::Closed(v) => TrySendError::Closed(v),
            SendError::NoReceivers(v) => TrySendError::NoReceivers(v),
        }
    }
}

impl<T> From<SendError<T>> for SendTimeoutError<T> {
    fn from(e: SendError<T>) -> Self {
        match e {
            SendError::Closed(v) => SendTimeoutError::Closed(v),
            SendError::NoReceivers(v) => SendTimeoutError::NoReceivers(v),
        }
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "receive on empty channel",
            TryRecvError::Closed => "receive on closed channel",
        })
    }
}
impl Error for TryRecvError {}

impl fmt::Display for RecvTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecvTimeoutError::Timeout => "receive timed out",
            RecvTimeoutError::Closed => "receive on closed channel",
        })
    }
}
impl Error for RecvTimeoutError {}
