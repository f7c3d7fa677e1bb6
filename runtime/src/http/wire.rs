//! A server's connection as hyper sees it: reads never wait, writes do.
//!
//! hyper asks for more after every answer, so "nothing there" must be an answer and not a wait; the
//! connection's goroutine waits between two polls. A write may wait inside the poll: nothing else
//! is to be done for this connection meanwhile.
//!
//! What hyper answers by itself, to a request that it cannot parse, is not sent: it writes that while
//! no answer of a handler is on its way, so it can be told apart, and [`conn`](super::conn) answers.

use super::Body;
use super::came::Came;
use super::phase::{Found, Phase};
use super::shared::Served;
use super::socket::Socket;
use super::together::together;
use super::way::{Pieces, Way};
use crate::sched::nanotime;
use hyper::body::{Bytes, Frame, SizeHint};
use hyper::http::StatusCode;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io::{self, IoSlice, Write as _};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Duration;

/// The socket of a connection, and what its server may do to it.
///
/// One goroutine reads from it at a time, and one writes. It is that which polls hyper, or waits to: the connection's own,
/// or the one that reads a request's body. When all of a body has been read, and until hyper reads again, another may watch
/// whether the client goes. What one does happens before what the next does: they are the same goroutine, or the body's lock
/// or the watch's channel lies between them.
pub(super) struct Wire {
    pub(super) stream: Socket,
    pub(super) peer: SocketAddr,
    /// When it was accepted, on the runtime's clock.
    since: i64,
    phase: Phase,
    /// A request has been handled. (This and those below: only the connection's goroutine writes them; who ends the server reads this one.)
    served: AtomicBool,
    pub(super) came: Came,
    /// Where the bytes that hyper writes come from: see [`writer`].
    writer: AtomicU8,
    /// The connection is about to be taken over: hyper does not close it.
    taken_over: AtomicBool,
    /// And what it writes is not sent.
    muted: AtomicBool,
    /// The status of what hyper has answered by itself, which was not sent; 0: nothing.
    refused: AtomicU16,
    /// hyper wants to be polled again at once.
    again: AtomicBool,
}

/// Where the bytes that hyper writes come from.
mod writer {
    /// Its own: no handler has been asked since the last answer was sent.
    pub(super) const HYPER: u8 = 0;
    /// A handler's answer, or what goes before one.
    pub(super) const HANDLER: u8 = 1;
    /// The end of a handler's answer, which is complete and not sent yet.
    pub(super) const END: u8 = 2;
}

/// How long the end of the server waits for the first head of a connection (as Go's `Shutdown` for a
/// `StateNew`).
const FIRST_HEAD: i64 = 5_000_000_000;

impl Wire {
    pub(super) fn new(stream: Socket, peer: SocketAddr) -> Arc<Wire> {
        Arc::new(Wire {
            stream,
            peer,
            since: nanotime(),
            phase: Phase::new(),
            served: AtomicBool::new(false),
            came: Came::default(),
            writer: AtomicU8::new(writer::HYPER),
            taken_over: AtomicBool::new(false),
            muted: AtomicBool::new(false),
            refused: AtomicU16::new(0),
            again: AtomicBool::new(false),
        })
    }

    /// A request is complete and will be handled.
    pub(super) fn request_begins(&self) {
        self.came.forget();
        self.served.store(true, Ordering::Relaxed);
        self.writer.store(writer::HANDLER, Ordering::Relaxed);
    }

    /// The answer to the request that is being handled is the last: then another owner takes the
    /// connection over. `silent`: not even that is sent.
    pub(super) fn take_over(&self, silent: bool) {
        self.taken_over.store(true, Ordering::Relaxed);
        self.muted.store(silent, Ordering::Relaxed);
    }

    /// What hyper said about a request that it could not parse, if it said anything.
    pub(super) fn take_refused(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.refused.swap(0, Ordering::Relaxed)).ok()
    }

    pub(super) fn take_again(&self) -> bool {
        // Relaxed: only this goroutine's own polls set it.
        self.again.load(Ordering::Relaxed) && {
            self.again.store(false, Ordering::Relaxed);
            true
        }
    }

    /// Waits for input, for at most `limit` (zero: without limit).
    ///
    /// # Errors
    /// `TimedOut`, or what the socket says.
    pub(super) fn wait(&self, limit: Duration) -> io::Result<()> {
        self.stream.set_read_limit(limit);
        self.stream.wait_alone()
    }

    /// Waits for the rest of a head until `due` on the runtime's clock, and not for long if the server
    /// is `ending`.
    pub(super) fn wait_head(
        &self,
        due: Option<i64>,
        ending: impl FnOnce() -> bool,
    ) -> io::Result<()> {
        let begin = || {
            self.stream.set_read_due(due);
            if ending() {
                self.hurry(due);
            }
        };
        self.phase.head(due, begin, || self.stream.wait_alone())
    }

    /// Ends the wait for a head, which was to last until `due`: at once, or for the first one five
    /// seconds after the connection was made.
    fn hurry(&self, due: Option<i64>) {
        let last = match self.served.load(Ordering::Relaxed) {
            true => nanotime(),
            false => self.since.saturating_add(FIRST_HEAD),
        };
        let due = due.map_or(last, |due| due.min(last));
        self.stream.set_read_due(Some(due));
    }

    /// As [`wait`](Self::wait) for the first byte of a request. `false`: the server has ended the
    /// wait, or it does not begin because `ending` says so.
    pub(super) fn wait_idle(&self, limit: Duration, ending: impl Fn() -> bool) -> io::Result<bool> {
        // Before the wait begins, or it could replace the past that `end_in_order` sets.
        self.stream.set_read_limit(limit);
        self.phase.idle();
        let result = match ending() {
            true => Ok(false),
            false => self.stream.wait_alone().map(|()| true),
        };
        if self.phase.was_ended(ending) {
            self.stream.set_read_due(None);
            return Ok(false);
        }
        result
    }
}

impl Served for Wire {
    /// At once if it waits for a request, soon if a part of one has come.
    fn end_in_order(&self) {
        self.phase.end(|found| match found {
            Found::Idle => self.stream.set_read_due(Some(nanotime())),
            Found::Head(due) => self.hurry(due),
        });
    }

    fn cut_off(&self) {
        // It may be closed already.
        let _ = self.stream.close();
    }
}

/// The end of `limit` from now; zero means never.
pub(super) fn due_in(limit: Duration) -> Option<i64> {
    let ns = i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX);
    (ns != 0).then(|| nanotime().saturating_add(ns))
}

/// The waker of a connection's polls: they happen in its goroutine only, one after the other.
impl Wake for Wire {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.again.store(true, Ordering::Relaxed);
    }
}

/// What hyper reads from and writes to.
pub(super) struct WireIo {
    wire: Arc<Wire>,
    /// Read already, by an earlier driver of this connection.
    before: Bytes,
    way: Way,
}

impl WireIo {
    pub(super) fn new(wire: &Arc<Wire>, before: Bytes, way: Way) -> WireIo {
        let wire = wire.clone();
        WireIo { wire, before, way }
    }

    /// What a driver has left: `taken`, which it has read, and what it has not.
    pub(super) fn unread(self, taken: Bytes) -> Bytes {
        match (taken.is_empty(), self.before.is_empty()) {
            (_, true) => taken,
            (true, _) => self.before,
            _ => [taken, self.before].concat().into(),
        }
    }

    /// Is this hyper's own answer, which is not to be sent? Remembers its status.
    fn refuses(&self, bytes: &[u8]) -> bool {
        if self.wire.muted.load(Ordering::Relaxed) {
            return true;
        }
        if self.wire.writer.load(Ordering::Relaxed) != writer::HYPER {
            return false;
        }
        // `HTTP/1.1 400 ..`; of a part after that only this is known.
        let status = bytes
            .get(9..12)
            .and_then(|s| StatusCode::from_bytes(s).ok());
        let status = status.unwrap_or(StatusCode::BAD_REQUEST).as_u16();
        let none = Ordering::Relaxed;
        let _ = self.wire.refused.compare_exchange(0, status, none, none);
        true
    }
}

impl Read for WireIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.before.is_empty() {
            let n = self.before.len().min(buf.remaining());
            let before = self.before.split_to(n);
            buf.put_slice(&before);
            self.wire.came.read(&before);
            return Poll::Ready(Ok(()));
        }
        // SAFETY: nothing is taken out of the part that is initialised already.
        match self.wire.stream.try_read_alone(unsafe { buf.as_mut() }) {
            Ok(n) => {
                // SAFETY: the kernel has written the first `n` bytes.
                unsafe {
                    let read = std::slice::from_raw_parts(buf.as_mut().as_ptr().cast(), n);
                    self.wire.came.read(read);
                    buf.advance(n);
                }
                Poll::Ready(Ok(()))
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            Err(e) => Poll::Ready(Err(e)),
        }
    }
}

impl Write for WireIo {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.refuses(buf) {
            return Poll::Ready(Ok(buf.len()));
        }
        Poll::Ready(self.wire.stream.write_alone(buf))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes when it has written everything.
        if self.wire.writer.load(Ordering::Relaxed) == writer::END {
            self.wire.writer.store(writer::HYPER, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = &self.wire;
        if wire.refused.load(Ordering::Relaxed) != 0 || wire.taken_over.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.wire.stream.end_writing())
    }

    fn is_write_vectored(&self) -> bool {
        self.way == Way::Gathered
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = bufs.iter().find(|buf| !buf.is_empty());
        if first.is_some_and(|buf| self.refuses(buf)) {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        let mut stream = &self.wire.stream;
        Poll::Ready(together(
            bufs,
            |buf| stream.write_alone(buf),
            |bufs| stream.write_vectored(bufs),
        ))
    }
}

/// The body of an answer on its way to hyper, which drops it when it has all of it.
pub(super) struct Sending {
    body: Body,
    pieces: Pieces,
    wire: Arc<Wire>,
}

impl Sending {
    pub(super) fn new(body: Body, way: Way, wire: &Arc<Wire>) -> Sending {
        let wire = wire.clone();
        let pieces = Pieces::new(way);
        Sending { body, pieces, wire }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.wire.writer.store(writer::END, Ordering::Relaxed);
    }
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        match this.pieces.poll(&mut this.body, cx) {
            Some(piece) => piece.map(|piece| Some(Ok(Frame::data(piece)))),
            None => Pin::new(&mut this.body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
