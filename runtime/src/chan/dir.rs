//! The direction of a channel handle, as a type.
//!
//! [`Chan<T, D>`](super::Chan) is one type with three directions. The rules "who may send" and
//! "who may receive" are bounds on the *methods* (`where D: CanSend`), because only there does
//! rustc print the words written below, at the user's own token. The traits are sealed: generic
//! code may name them, but no other crate can add a fourth direction.

use super::handles::{RECEIVER, SENDER};

mod sealed {
    pub trait Sealed: 'static {
        /// What one handle of this direction adds to the channel's count of handles.
        const HANDLE: u64;
        /// The name for `Debug`.
        const NAME: &'static str;
    }
}
pub(super) use sealed::Sealed;

/// The direction of a channel handle: [`Both`], [`SendOnly`] or [`RecvOnly`]. Sealed.
pub trait Direction: Sealed {}

/// Directions that may send and close: [`Both`] and [`SendOnly`]. Sealed.
///
/// ```
/// use goroutines::chan::{CanSend, Chan};
/// fn greet<D: CanSend>(out: &Chan<&'static str, D>) {
///     out.send("hello");
/// }
/// let ch = Chan::new(1);
/// greet(&ch);
/// assert_eq!(ch.recv(), Some("hello"));
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot send on a receive-only channel",
    label = "this channel can only receive",
    note = "a `Receiver<T>` is Go's `<-chan T`; send on the `Sender<T>` or the `Chan<T>` it came from"
)]
pub trait CanSend: Direction {}

/// Directions that may receive: [`Both`] and [`RecvOnly`]. Sealed.
///
/// ```
/// use goroutines::chan::{CanRecv, Chan};
/// fn first<D: CanRecv>(input: &Chan<u32, D>) -> u32 {
///     input.recv().unwrap_or(0)
/// }
/// let ch = Chan::new(1);
/// ch.send(7);
/// assert_eq!(first(&ch.receiver()), 7);
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot receive from a send-only channel",
    label = "this channel can only send",
    note = "a `Sender<T>` is Go's `chan<- T`; receive from the `Receiver<T>` or the `Chan<T>` it came from"
)]
pub trait CanRecv: Direction {}

/// Direction of [`Chan<T>`](super::Chan): sends and receives (Go's `chan T`).
#[derive(Debug)]
pub enum Both {}
/// Direction of [`Sender<T>`](super::Sender): only sends (Go's `chan<- T`).
#[derive(Debug)]
pub enum SendOnly {}
/// Direction of [`Receiver<T>`](super::Receiver): only receives (Go's `<-chan T`).
#[derive(Debug)]
pub enum RecvOnly {}

impl Sealed for Both {
    const HANDLE: u64 = SENDER + RECEIVER;
    const NAME: &'static str = "Chan";
}
impl Sealed for SendOnly {
    const HANDLE: u64 = SENDER;
    const NAME: &'static str = "Sender";
}
impl Sealed for RecvOnly {
    const HANDLE: u64 = RECEIVER;
    const NAME: &'static str = "Receiver";
}
impl Direction for Both {}
impl Direction for SendOnly {}
impl Direction for RecvOnly {}
#[diagnostic::do_not_recommend]
impl CanSend for Both {}
#[diagnostic::do_not_recommend]
impl CanSend for SendOnly {}
#[diagnostic::do_not_recommend]
impl CanRecv for Both {}
#[diagnostic::do_not_recommend]
impl CanRecv for RecvOnly {}
