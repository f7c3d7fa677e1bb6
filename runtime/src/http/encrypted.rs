//! TLS on a [`Line`], of either side: the feature `tls`.

use super::line::Line;
use hyper::rt::{Read, ReadBufCursor, Write};
use rustls::Connection;
use std::io::{self, Read as _, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A connection with encryption.
pub(super) struct Encrypted {
    line: Arc<Line>,
    session: Connection,
}

impl Encrypted {
    pub(super) fn new(line: Arc<Line>, session: Connection) -> Encrypted {
        Encrypted { line, session }
    }

    /// Sends what is encrypted.
    fn send(&mut self) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut Raw(&self.line)) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Reads into a part that is initialised.
    fn read(&mut self, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            match self.session.reader().read(buf) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                // Without a close_notify; HTTP says itself where a message ends.
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Poll::Ready(Ok(0)),
                result => return Poll::Ready(result),
            }
            match self.session.read_tls(&mut Raw(&self.line)) {
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(e) => return Poll::Ready(Err(e)),
            }
            let processed = self.session.process_new_packets();
            // Keys to be changed, and what the peer is told about its fault.
            let _ = self.send();
            if let Err(e) = processed {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, e)));
            }
        }
    }
}

/// The line as rustls reads and writes it.
struct Raw<'a>(&'a Arc<Line>);

fn or_would_block(polled: Poll<io::Result<usize>>) -> io::Result<usize> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl io::Read for Raw<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // SAFETY: initialised bytes may be seen as ones that may not be; the kernel only writes to
        // them, so they stay initialised.
        let buf = unsafe { &mut *(std::ptr::from_mut(buf) as *mut [std::mem::MaybeUninit<u8>]) };
        or_would_block(self.0.read(buf))
    }
}

impl io::Write for Raw<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.0.write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        /// The most that one record holds.
        const RECORD: usize = 16 << 10;
        let mut bytes = [0; RECORD];
        let most = buf.remaining().min(RECORD);
        let n = ready!(self.read(&mut bytes[..most]))?;
        buf.put_slice(&bytes[..n]);
        Poll::Ready(Ok(()))
    }
}

impl Write for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        // What was taken before goes first; the session holds that much and no more.
        let sent = self.send()?;
        let n = self.session.writer().write(buf)?;
        if sent.is_ready() {
            let _ = self.send()?;
        }
        match n {
            0 if !buf.is_empty() => Poll::Pending,
            n => Poll::Ready(Ok(n)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.send()
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.session.send_close_notify();
        ready!(self.send())?;
        Poll::Ready(self.line.end_writing())
    }
}
