//! A connection to a server as hyper sees it, and the goroutine that drives it.
//!
//! hyper's connection is a future. Its goroutine polls it, and between two polls waits for input, or for
//! the waker: requests and the readers of answers wake it, and so does the end of a wait for room, for
//! which another goroutine waits, so that what comes in is read while what goes out cannot be sent.

use crate::net::TcpStream;
use hyper::rt::{Read, ReadBufCursor, Write};
use std::future::Future;
use std::io;
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
}

impl Line {
    pub(super) fn new(stream: TcpStream) -> Arc<Line> {
        Arc::new(Line {
            stream,
            again: AtomicBool::new(false),
            full: AtomicBool::new(false),
        })
    }

    /// Polls `connection` to its end, in a goroutine of its own.
    pub(super) fn drive(
        self: Arc<Line>,
        connection: impl Future<Output = hyper::Result<()>> + Send + 'static,
    ) {
        crate::go!(move || {
            let waker = Waker::from(self.clone());
            let mut cx = Context::from_waker(&waker);
            let mut connection = pin!(connection);
            loop {
                // Before the poll: a wake-up during it counts.
                self.again.store(false, Ordering::SeqCst);
                // An error has been told to whoever waits for an answer.
                if connection.as_mut().poll(&mut cx).is_ready() {
                    break;
                }
                // An error shows again in the next read.
                let _ = self.stream.wait_after_try_or(&self.again);
            }
            // Who waits for room wakes up.
            self.close();
        });
    }

    /// Reads what is there.
    pub(super) fn read(&self, buf: &mut [std::mem::MaybeUninit<u8>]) -> Poll<io::Result<usize>> {
        match self.stream.try_read_uninit(buf) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    }

    /// Writes what there is room for.
    ///
    /// A connection that cannot be written to any more is seen by the reads, after what has come before:
    /// an answer to a request that was not read to its end. So that is no error here.
    pub(super) fn write(self: &Arc<Self>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.full.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        match self.stream.try_write(buf) {
            Ok(n) => Poll::Ready(Ok(n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                self.full.store(true, Ordering::SeqCst);
                let line = self.clone();
                crate::go!(move || {
                    let _ = line.stream.wait_writable();
                    line.full.store(false, Ordering::SeqCst);
                    line.wake();
                });
                Poll::Pending
            }
            Err(_) => Poll::Pending,
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
pub(super) struct Plain(pub(super) Arc<Line>);

impl Read for Plain {
    fn poll_read(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: nothing is taken out of the part that is initialised already.
        self.0.read(unsafe { buf.as_mut() }).map_ok(|n| {
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
        self.0.write(buf)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end_writing())
    }
}
