//! One direction of a pipe in memory: a rendezvous of writers and readers, without a buffer.
//!
//! A writer puts the place of its bytes into the state, and waits until readers have copied all of
//! them, or one side has closed. So the bytes stay in the writer's buffer, which is borrowed for as
//! long as the state names it: the writer takes the place out again before it leaves.
//!
//! [`io::pipe`](super::pipe) is one half, [`net::pipe`](crate::net::pipe) two.

use crate::sync::{Cond, Mutex, MutexGuard};
use std::io;
use std::ptr::NonNull;

/// Why a side cannot go on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why<E> {
    /// This side was closed.
    Closed,
    /// The other side was closed, for this reason.
    Peer(E),
    /// This side's deadline has passed.
    Expired,
}

/// See the file's head. `E` is what a side can leave to the other when it closes.
pub(crate) struct Half<E> {
    /// Held by the writer whose bytes are in the state: one write after the other.
    writing: Mutex<()>,
    state: Mutex<State<E>>,
    readers: Cond,
    writer: Cond,
}

struct State<E> {
    /// What the writer has not got rid of yet.
    bytes: Option<Bytes>,
    reader: Side<E>,
    writer: Side<E>,
}

struct Side<E> {
    closed: Option<E>,
    expired: bool,
}

/// A part of the writer's buffer.
struct Bytes(NonNull<u8>, usize);

// SAFETY: readers on other threads copy from it, under the state's lock, while the writer waits.
unsafe impl Send for Bytes {}

/// A write that is under way; when it ends, by a panic too, its bytes are out of the state.
struct Offer<'a, E>(MutexGuard<'a, State<E>>);

impl<E> Drop for Offer<'_, E> {
    fn drop(&mut self) {
        self.0.bytes = None;
    }
}

/// Which side is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The reader.
    Reader,
    /// The writer.
    Writer,
}

impl<E: Clone> State<E> {
    fn side(&mut self, end: End) -> &mut Side<E> {
        match end {
            End::Reader => &mut self.reader,
            End::Writer => &mut self.writer,
        }
    }

    fn check(&mut self, end: End) -> Result<(), Why<E>> {
        let other = match end {
            End::Reader => End::Writer,
            End::Writer => End::Reader,
        };
        let own = self.side(end);
        if own.closed.is_some() {
            return Err(Why::Closed);
        }
        if own.expired {
            return Err(Why::Expired);
        }
        match &self.side(other).closed {
            Some(e) => Err(Why::Peer(e.clone())),
            None => Ok(()),
        }
    }
}

impl<E: Clone> Half<E> {
    pub(crate) const fn new() -> Self {
        const fn side<E>() -> Side<E> {
            Side {
                closed: None,
                expired: false,
            }
        }
        Self {
            writing: Mutex::new(()),
            state: Mutex::new(State {
                bytes: None,
                reader: side(),
                writer: side(),
            }),
            readers: Cond::new(),
            writer: Cond::new(),
        }
    }

    /// Copies what is offered, as much as fits; waits until something is.
    ///
    /// # Suspends
    /// While no goroutine writes.
    pub(crate) fn read(&self, buf: &mut [u8]) -> Result<usize, Why<E>> {
        let mut state = self.state.lock();
        loop {
            state.check(End::Reader)?;
            if let Some(Bytes(from, left)) = state.bytes.take() {
                let n = left.min(buf.len());
                // SAFETY: the writer waits, so its `left` bytes from `from` on are there; `buf` is
                // another goroutine's memory.
                unsafe { from.copy_to_nonoverlapping(NonNull::from(&mut *buf).cast(), n) };
                if n < left {
                    // SAFETY: within the writer's buffer.
                    state.bytes = Some(Bytes(unsafe { from.add(n) }, left - n));
                    // There is more for the next reader.
                    self.readers.signal();
                } else {
                    self.writer.signal();
                }
                return Ok(n);
            }
            self.readers.wait(&mut state);
        }
    }

    /// Offers all of `buf` and waits until it is read. If something intervenes, returns how much
    /// was read, and the reason.
    ///
    /// # Suspends
    /// Until all is read.
    pub(crate) fn write(&self, buf: &[u8]) -> (usize, Result<(), Why<E>>) {
        let _writing = self.writing.lock();
        let mut state = self.state.lock();
        if let Err(why) = state.check(End::Writer) {
            return (0, Err(why));
        }
        if buf.is_empty() {
            return (0, Ok(()));
        }
        state.bytes = Some(Bytes(NonNull::from(buf).cast(), buf.len()));
        // Whatever happens, no goroutine reads from `buf` once we have left.
        let mut offer = Offer(state);
        self.readers.signal();
        loop {
            self.writer.wait(&mut offer.0);
            let Some(Bytes(_, left)) = &offer.0.bytes else {
                return (buf.len(), Ok(()));
            };
            let done = buf.len() - left;
            if let Err(why) = offer.0.check(End::Writer) {
                return (done, Err(why));
            }
        }
    }

    /// Closes one side; the first reason stays.
    pub(crate) fn close(&self, end: End, reason: E) {
        let mut spare = Some(reason);
        let mut state = self.state.lock();
        let closed = &mut state.side(end).closed;
        if closed.is_none() {
            *closed = spare.take();
        }
        self.look_again();
        drop(state);
        // A reason that comes too late is the user's: dropped with nothing locked.
        drop(spare);
    }

    /// Is this side closed?
    pub(crate) fn is_closed(&self, end: End) -> bool {
        self.state.lock().side(end).closed.is_some()
    }

    /// Ends, or allows again, the calls of one side; `only_if` decides under the lock.
    pub(crate) fn set_expired(&self, end: End, expired: bool, only_if: impl FnOnce() -> bool) {
        let mut state = self.state.lock();
        if only_if() {
            state.side(end).expired = expired;
            self.look_again();
        }
    }

    fn look_again(&self) {
        self.readers.broadcast();
        self.writer.broadcast();
    }
}

/// Go's `io.ErrClosedPipe`.
pub(crate) fn closed_pipe() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "io: read/write on closed pipe")
}
