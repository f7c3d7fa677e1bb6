//! A connection as hyper sees it where neither reads nor writes may wait, and the goroutine that drives
//! it: all of the client's, and a server's that speak HTTP/2.
//!
//! hyper's connection is a future. Its goroutine polls it, and between two polls waits for input, or for
//! the waker: goroutines that send or read messages wake it, and so does the end of a wait for room, for
//! which another goroutine waits, so that what comes in is read while what goes out cannot be sent.

use super::together::together;
use crate::net::TcpStream;
use crate::sync::Mutex;
use hyper::body::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The socket of a connection, shared by its goroutines.
pub(super) struct Line {
    stream: TcpStream,
    /// The connection is to be polled again.
    again: AtomicBool,
    /// A goroutine waits for room to write.
    full: AtomicBool,
    /// hyper reads only when it has written what it owes.
    writes_first: AtomicBool,
    /// Why nothing can be written any more; told by the reads, when all that has come before is read.
    broken: Mutex<Option<io::Error>>,
}

impl Line {
    pub(super) fn new(stream: TcpStream) -> Arc<Line> {
        Arc::new(Line {
            stream,
            again: AtomicBool::new(false),
            full: AtomicBool::new(false),
            writes_first: AtomicBool::new(false),
            broken: Mutex::new(None),
        })
    }

    /// From now on hyper speaks HTTP/2 here, which reads only when it has written what it owes: that must
    /// not be held up by a peer that takes nothing any more.
    #[cfg(feature = "http2")]
    pub(super) fn writes_first(&self) {
        // Relaxed, here and below: it is set before the goroutine that drives hyper begins to.
        self.writes_first.store(true, Ordering::Relaxed);
    }

    /// Polls `connection` to its end, in a goroutine of its own. Then the line is closed.
    #[cfg(feature = "http2")]
    pub(super) fn drive(self: Arc<Line>, connection: impl Future<Output: Send> + Send + 'static) {
        crate::go!(move || {
            // Callers that wait for an answer have been told of an error.
            let _ = self.run(connection);
            // The goroutine that waits for room wakes up.
            self.close();
        });
    }

    /// Polls `connection`, which reads and writes here, to its end. `None`: the line was closed, and the
    /// connection does not ask for what comes in, so that it cannot see that.
    pub(super) fn run<R>(self: &Arc<Line>, connection: impl Future<Output = R>) -> Option<R> {
        let waker = Waker::from(self.clone());
        let mut cx = Context::from_waker(&waker);
        let mut connection = pin!(connection);
        let mut closed = false;
        loop {
            // Before the poll: a wake-up during it counts.
            self.again.store(false, Ordering::SeqCst);
            if let Poll::Ready(result) = connection.as_mut().poll(&mut cx) {
                return Some(result);
            }
            if closed {
                return None;
            }
            // The next read and the next write show it again.
            closed = self.stream.wait_after_try_or(&self.again).is_err();
        }
    }

    /// Has hyper something for which the socket has no room?
    #[cfg(feature = "http2")]
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    /// Reads what is there.
    pub(super) fn read(&self, buf: &mut [std::mem::MaybeUninit<u8>]) -> Poll<io::Result<usize>> {
        match self.stream.try_read_uninit(buf) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => match &*self.broken.lock() {
                Some(e) => Poll::Ready(Err(io::Error::new(e.kind(), e.to_string()))),
                None => Poll::Pending,
            },
            result => Poll::Ready(result),
        }
    }

    /// Writes what there is room for.
    ///
    /// That nothing can be written any more is no error here. The reads report it, after what has come
    /// before: an answer to a request that was not read to its end. What HTTP/2 writes is lost then, or
    /// hyper would not read; HTTP/1.1 is held up, or it would take all of a body for nothing.
    pub(super) fn write(self: &Arc<Self>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.write_by(buf.len(), |stream| stream.try_write(buf))
    }

    /// The same of several pieces.
    fn write_vectored(self: &Arc<Self>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let len = bufs.iter().map(|buf| buf.len()).sum();
        self.write_by(len, |stream| stream.try_write_vectored(bufs))
    }

    fn write_by(
        self: &Arc<Self>,
        len: usize,
        write: impl FnOnce(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        if self.full.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        match write(&self.stream) {
            Ok(n) => Poll::Ready(Ok(n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                self.full.store(true, Ordering::SeqCst);
                let line = self.clone();
                crate::go!(move || {
                    // It was closed, or there was no room for as long as the stream allows.
                    if line.stream.wait_writable().is_err() {
                        line.close();
                    }
                    line.full.store(false, Ordering::SeqCst);
                    line.wake();
                });
                Poll::Pending
            }
            Err(e) => {
                // What came before the end is there now, but the poller may not have said so yet.
                self.stream.ask_kernel();
                let first = self.broken.lock().replace(e).is_none();
                if first {
                    // hyper may have read before it wrote.
                    self.wake_by_ref();
                }
                match self.writes_first.load(Ordering::Relaxed) {
                    true => Poll::Ready(Ok(len)),
                    false => Poll::Pending,
                }
            }
        }
    }

    /// Cuts the connection off; its driver ends.
    pub(super) fn close(&self) {
        // It may be closed already.
        let _ = self.stream.close();
    }

    pub(super) fn end_writing(&self) -> io::Result<()> {
        self.stream.shutdown(std::net::Shutdown::Write)
    }
}

impl Wake for Line {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // SeqCst: pairs with the look that the driver has at it before it parks.
        if !self.again.swap(true, Ordering::SeqCst) {
            self.stream.nudge();
        }
    }
}

/// A connection without encryption.
pub(super) struct Plain {
    line: Arc<Line>,
    /// Read already.
    before: Bytes,
}

impl Plain {
    pub(super) fn new(line: Arc<Line>, before: Bytes) -> Plain {
        Plain { line, before }
    }
}

impl Read for Plain {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.before.is_empty() {
            let n = self.before.len().min(buf.remaining());
            buf.put_slice(&self.before.split_to(n));
            return Poll::Ready(Ok(()));
        }
        // SAFETY: nothing is taken out of the part that is initialised already.
        self.line.read(unsafe { buf.as_mut() }).map_ok(|n| {
            // SAFETY: the kernel has written the first `n` bytes.
            unsafe { buf.advance(n) };
        })
    }
}

impl Write for Plain {
    fn poll_write(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.write(buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.line.end_writing())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        together(
            bufs,
            |buf| self.line.write(buf),
            |bufs| self.line.write_vectored(bufs),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::net::TcpStream;
    use std::io::Write;
    use std::mem::MaybeUninit;
    use std::task::Poll;

    /// A peer answers, and cuts the connection off because it has not read everything; the poller has no time to say
    /// so.
    #[test]
    fn what_came_before_the_end_is_read() {
        crate::runtime::run(|| {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let addr = listener.local_addr().unwrap();
            let line = Line::new(TcpStream::connect(&*addr.to_string()).unwrap());
            let (mut peer, _) = listener.accept().unwrap();
            let mut buf = [MaybeUninit::uninit(); 64];
            assert!(line.read(&mut buf).is_pending());
            assert!(matches!(line.write(b"?"), Poll::Ready(Ok(1))));
            peer.write_all(b"answer").unwrap();
            drop(peer);
            // Until it breaks.
            while line.write(b"?").is_ready() {}
            assert!(matches!(line.read(&mut buf), Poll::Ready(Ok(6))));
            assert!(matches!(line.read(&mut buf), Poll::Ready(Err(_) | Ok(0))));
        });
    }
}
