//! [`Secure`]: TLS under a server's connection, by rustls; the feature `tls`.

use crate::net::TcpStream;
use crate::sync::Mutex;
use rustls::{ServerConfig, ServerConnection};
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A connection with encryption. The session is not locked while a goroutine waits for input.
pub(super) struct Secure {
    pub(super) stream: TcpStream,
    session: Mutex<ServerConnection>,
}

impl Secure {
    /// Agrees with the client, within `limit` (zero: without limit).
    pub(super) fn accept(
        stream: TcpStream,
        config: Arc<ServerConfig>,
        limit: Duration,
    ) -> io::Result<Secure> {
        let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
        let due = (!limit.is_zero()).then(|| Instant::now() + limit);
        stream.set_deadline(due)?;
        while session.is_handshaking() {
            session.complete_io(&mut &stream)?;
        }
        stream.set_deadline(None)?;
        let session = Mutex::new(session);
        Ok(Secure { stream, session })
    }

    /// Have both sides agreed on HTTP/2?
    #[cfg(feature = "http2")]
    pub(super) fn is_http2(&self) -> bool {
        self.session.lock().alpn_protocol() == Some(b"h2")
    }

    #[cfg(feature = "http2")]
    pub(super) fn into_parts(self) -> (TcpStream, ServerConnection) {
        (self.stream, self.session.into_inner())
    }

    /// Reads what is there; `WouldBlock` if nothing is.
    pub(super) fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let mut session = self.session.lock();
        loop {
            match session.reader().read(buf) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                // Without a close_notify; HTTP says itself where a message ends.
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                result => return result,
            }
            self.take_records(&mut session)?;
        }
    }

    pub(super) fn try_read_uninit(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        buf.fill(MaybeUninit::new(0));
        // SAFETY: all of it has just been initialised.
        let buf = unsafe { &mut *(std::ptr::from_mut(buf) as *mut [u8]) };
        self.try_read(buf)
    }

    /// Reads what is encrypted; `WouldBlock` if nothing is there.
    fn take_records(&self, session: &mut ServerConnection) -> io::Result<()> {
        session.read_tls(&mut Raw(&self.stream))?;
        let processed = session.process_new_packets();
        // Keys to be changed, and what the client is told about its fault.
        let sent = self.send(session);
        processed.map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        sent
    }

    fn send(&self, session: &mut ServerConnection) -> io::Result<()> {
        while session.wants_write() {
            session.write_tls(&mut &self.stream)?;
        }
        Ok(())
    }

    /// Waits for input without taking any; `false`: the end of the stream.
    pub(super) fn peek_one(&self) -> io::Result<bool> {
        loop {
            {
                let mut session = self.session.lock();
                match session.reader().into_first_chunk() {
                    Ok(chunk) => return Ok(!chunk.is_empty()),
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                    Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                    Err(e) => return Err(e),
                }
                match self.take_records(&mut session) {
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                    result => {
                        result?;
                        continue;
                    }
                }
            }
            self.stream.wait_after_try()?;
        }
    }

    pub(super) fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.try_read(buf) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.stream.wait_after_try()?,
                result => return result,
            }
        }
    }

    pub(super) fn write(&self, buf: &[u8]) -> io::Result<usize> {
        let mut session = self.session.lock();
        self.send(&mut session)?;
        let n = session.writer().write(buf)?;
        self.send(&mut session)?;
        Ok(n)
    }

    pub(super) fn end_writing(&self) -> io::Result<()> {
        let mut session = self.session.lock();
        session.send_close_notify();
        self.send(&mut session)?;
        self.stream.shutdown(Shutdown::Write)
    }
}

/// The stream as rustls reads it: without waiting.
struct Raw<'a>(&'a TcpStream);

impl Read for Raw<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // SAFETY: initialised bytes may be seen as ones that may not be; the kernel only writes to
        // them, so they stay initialised.
        let buf = unsafe { &mut *(std::ptr::from_mut(buf) as *mut [MaybeUninit<u8>]) };
        self.0.try_read_uninit(buf)
    }
}
