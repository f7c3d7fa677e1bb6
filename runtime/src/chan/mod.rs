//! Channels: typed pipes between goroutines, with Go's semantics and Rust's ownership.
//!
//! A [`Chan<T>`] is a handle to a channel, as Go's `chan T`; clones are handles to the same one.
//! [`Sender<T>`] and [`Receiver<T>`] are handles that can only do one of the two. Values move
//! through the channel. An unbuffered channel (`cap` 0) hands a value from the sender's frame to the
//! receiver's; a buffered one holds up to `cap` values. Everything here also works from plain
//! threads: what would park a goroutine blocks the thread.
//!
//! ```
//! use goroutines::chan;
//!
//! let (tx, rx) = chan::channel(2);
//! std::thread::spawn(move || {
//!     for i in 0..5 {
//!         tx.send(i);
//!     } // the last sender goes: the channel reads as closed
//! });
//! assert_eq!(rx.iter().sum::<i32>(), 10);
//! ```
//!
//! **The end of a channel.** [`close`](Chan::close) ends it as in Go: receivers drain it and then get
//! `None`, senders panic with `send on closed channel`. The same happens by itself when the last
//! handle that can send is dropped. When the last handle that can *receive* is dropped, a send that
//! would have to wait can never finish: its goroutine ends, as by `goexit` (see [`Chan::send`]).
//! A two-way `Chan<T>` counts as both, so pass [`sender()`](Chan::sender) and
//! [`receiver()`](Chan::receiver) around and drop the `Chan`.
//!
//! | file | what |
//! | --- | --- |
//! | `handle.rs` | [`Chan`], the typed and counted handle |
//! | `hchan.rs` | the channel without its type: ring, lock, transitions |
//! | `make.rs`, `ends.rs` | how it is made, and how it ends |
//! | `wait.rs` | one whole operation, with its wait |
//! | `waitq.rs` | who waits, and who may wake |
//! | `handles.rs` | counting handles, ends of the two sides |
//! | `place.rs`, `typed.rs` | a value where it lies; a channel with its element type |
//! | `ops.rs`, `iter.rs` | the typed operations |
//! | `future.rs`, `asynch.rs` | an operation whose waiter is a future; the typed ones |
//! | `lent.rs`, `put_back.rs` | what futures were handed and have not looked at |
//! | `select.rs`, `raw_arm.rs`, `arm.rs` | what `select!` runs; its arms without and with their types |
//! | `winner.rs` | who has decided a select |
//! | `mixed.rs`, `bell.rs` | a select that waits for futures, too |
//! | `dynamic.rs` | [`Select`], arms added at run time |
//! | `timer.rs` | channels of timers and tickers |
//! | `deadline.rs` | the alarm of a select with a deadline |
//! | `rt.rs` | all that is asked of the scheduler |

mod arm;
mod asynch;
mod bell;
mod deadline;
mod dir;
mod dynamic;
mod ends;
mod error;
mod future;
mod handle;
mod handles;
mod hchan;
mod iter;
mod lent;
mod make;
mod mixed;
mod ops;
mod place;
mod put_back;
mod raw_arm;
mod rt;
mod select;
mod timed;
mod timer;
mod typed;
mod wait;
mod waitq;
mod winner;

#[cfg(test)]
mod tests;

pub use asynch::{RecvFuture, RecvStream, SendFuture};
pub use dir::{Both, CanRecv, CanSend, Direction, RecvOnly, SendOnly};
pub use dynamic::{RecvArm, Select};
pub use error::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
pub use handle::{Chan, Receiver, Sender, channel};
pub use iter::{IntoIter, Iter, TryIter};
pub(crate) use timer::TimerChan;

/// What `select!` expands to.
#[doc(hidden)]
pub mod private {
    pub use super::arm::{Operand, recv_case, send_case};
    pub use super::mixed::{
        AwaitCase, Ready, await_case, select_await, select_await_biased, try_select_await,
        try_select_await_biased,
    };
    pub use super::raw_arm::Arm;
    pub use super::select::{block_forever, select, select_biased, try_select, try_select_biased};
}
