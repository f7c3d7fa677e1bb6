//! A server's connection as hyper sees it: reads never wait, writes do.
//!
//! hyper asks for more after every answer, so "nothing there" must be an answer and not a wait; the
//! connection's goroutine waits between two polls. A write may wait inside the poll: nothing else
//! is to be done for this connection meanwhile.

use crate::net::TcpStream;
use crate::sched::nanotime;
use crate::sync::Mutex;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::io::{self, IoSlice, Write as _};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Duration;

/// The socket of a connection, and what its server may do to it.
pub(super) struct Wire {
    pub(super) stream: TcpStream,
    pub(super) peer: SocketAddr,
    phase: Mutex<Phase>,
    /// Bytes have come since the last request began to be handled.
    has_input: AtomicBool,
    /// hyper wants to be polled again at once.
    again: AtomicBool,
}

/// What the goroutine of the connection does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Reads or answers a request.
    Busy,
    /// Waits for the first byte of a request; the server may end that.
    Idle,
    /// The server wants an idle connection to end.
    Ending,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr) -> Arc<Wire> {
        Arc::new(Wire {
            stream,
            peer,
            phase: Mutex::new(Phase::Busy),
            has_input: AtomicBool::new(false),
            again: AtomicBool::new(false),
        })
    }

    /// Has anything of the next request come?
    pub(super) fn has_input(&self) -> bool {
        self.has_input.load(Ordering::Relaxed)
    }

    /// A request is complete and will be handled.
    pub(super) fn request_begins(&self) {
        self.has_input.store(false, Ordering::Relaxed);
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
        self.stream.wait_after_try()
    }

    /// Waits for input until `due` on the runtime's clock.
    pub(super) fn wait_until(&self, due: Option<i64>) -> io::Result<()> {
        self.stream.set_read_due(due);
        self.stream.wait_after_try()
    }

    /// As [`wait`](Self::wait) for the first byte of a request. `false`: the server has ended the
    /// wait, or it does not begin because `ending` says so.
    pub(super) fn wait_idle(
        &self,
        limit: Duration,
        ending: impl FnOnce() -> bool,
    ) -> io::Result<bool> {
        {
            let mut phase = self.phase.lock();
            if ending() {
                return Ok(false);
            }
            *phase = Phase::Idle;
            // Under the lock, or it could replace the past that `end_if_idle` sets.
            self.stream.set_read_limit(limit);
        }
        let result = self.stream.wait_after_try();
        let ended = std::mem::replace(&mut *self.phase.lock(), Phase::Busy) == Phase::Ending;
        if ended {
            self.stream.set_read_due(None);
            return Ok(false);
        }
        result.map(|()| true)
    }

    /// Ends the connection if it waits for a request.
    pub(super) fn end_if_idle(&self) {
        let mut phase = self.phase.lock();
        if *phase == Phase::Idle {
            *phase = Phase::Ending;
            self.stream.set_read_due(Some(nanotime()));
        }
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
pub(super) struct WireIo(pub(super) Arc<Wire>);

impl Read for WireIo {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: nothing is taken out of the part that is initialised already.
        match self.0.stream.try_read_uninit(unsafe { buf.as_mut() }) {
            Ok(n) => {
                self.0.has_input.store(true, Ordering::Relaxed);
                // SAFETY: the kernel has written the first `n` bytes.
                unsafe { buf.advance(n) };
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
        Poll::Ready((&self.0.stream).write(buf))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.stream.shutdown(Shutdown::Write))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(write_together(&self.0.stream, bufs))
    }
}

/// Head and body of a small answer go out from one place: copying them costs less than the kernel
/// needs to gather them.
fn write_together(mut stream: &TcpStream, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    const SMALL: usize = 1024;
    let len: usize = bufs.iter().map(|buf| buf.len()).sum();
    if len > SMALL {
        return stream.write_vectored(bufs);
    }
    let mut all = [0; SMALL];
    let mut free = &mut all[..];
    for buf in bufs {
        free.write_all(buf)?;
    }
    stream.write(&all[..len])
}
