//! Connections between processes of one machine.

use super::{UnixSocketAddr, address};
use crate::net::NetError;
use crate::net::fd::Fd;
#[cfg(feature = "http")]
use crate::net::rt::Direction;
use crate::net::rt::sleep;
use crate::sys::socket;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
#[cfg(feature = "http")]
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::path::Path;
use std::time::{Duration, Instant};

/// A connection of a Unix socket: std's, but its calls suspend the goroutine (Go's
/// `net.UnixConn`). It behaves as [`TcpStream`](crate::net::TcpStream) does.
///
/// # Suspends
/// `connect`, `read`, `write` and `close`.
///
/// ```
/// use goroutines::net::UnixStream;
/// use std::io::{Read, Write};
///
/// let (mut a, mut b) = UnixStream::pair()?;
/// a.write_all(b"hi")?;
/// let mut buf = [0; 2];
/// b.read_exact(&mut buf)?;
/// assert_eq!(&buf, b"hi");
/// # std::io::Result::Ok(())
/// ```
pub struct UnixStream {
    fd: Fd<std::os::unix::net::UnixStream>,
}

impl UnixStream {
    /// Connects to the listener at `path`.
    ///
    /// # Errors
    /// The kernel's: `NotFound`, `ConnectionRefused`.
    pub fn connect(path: impl AsRef<Path>) -> io::Result<UnixStream> {
        Self::connect_addr(&address(path)?)
    }

    /// Connects to the listener at `addr`.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_addr(addr: &UnixSocketAddr) -> io::Result<UnixStream> {
        Self::connect_until(addr, None, || false)
    }

    /// Connects; while the listener has no room it looks again, ever more rarely (1 to 50 ms).
    pub(in crate::net) fn connect_until(
        addr: &UnixSocketAddr,
        deadline: Option<Instant>,
        canceled: impl Fn() -> bool,
    ) -> io::Result<UnixStream> {
        const FIRST: Duration = Duration::from_millis(1);
        const LAST: Duration = Duration::from_millis(50);
        let addr = socket::unix_address(addr)?;
        let mut pause = FIRST;
        loop {
            if let Some(socket) = socket::connect_unix(&addr)? {
                return Ok(UnixStream {
                    fd: Fd::new(socket.into())?,
                });
            }
            if canceled() {
                return Err(NetError::Canceled.into());
            }
            if deadline.is_some_and(|d| d <= Instant::now()) {
                return Err(NetError::Timeout.into());
            }
            sleep(pause);
            pause = (pause * 2).min(LAST);
        }
    }

    /// Takes over a socket in non-blocking mode.
    pub(super) fn adopt(stream: std::os::unix::net::UnixStream) -> io::Result<UnixStream> {
        Ok(UnixStream {
            fd: Fd::new(stream)?,
        })
    }

    /// Two ends of a new connection.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (a, b) = std::os::unix::net::UnixStream::pair()?;
        Ok((Self::from_std(a)?, Self::from_std(b)?))
    }

    /// A second handle on the same connection, with deadlines of its own.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<UnixStream> {
        Self::adopt(self.fd.get()?.try_clone()?)
    }

    /// The address of this end.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<UnixSocketAddr> {
        self.fd.get()?.local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn peer_addr(&self) -> io::Result<UnixSocketAddr> {
        self.fd.get()?.peer_addr()
    }

    /// Reads what is there, by who alone reads; `WouldBlock` if nothing is. See [`Fd::try_read_alone`].
    #[cfg(feature = "http")]
    pub(crate) fn try_read_alone(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        // A length of 0: a short read says nothing about what follows.
        self.fd.try_read_alone(0, |s| socket::recv(s, buf))
    }

    /// Waits for more after a [`try_read_alone`](Self::try_read_alone) that found nothing.
    #[cfg(feature = "http")]
    pub(crate) fn wait_alone(&self) -> io::Result<()> {
        self.fd.wait_alone()
    }

    /// As `write`, by who alone writes.
    #[cfg(feature = "http")]
    pub(crate) fn write_alone(&self, buf: &[u8]) -> io::Result<usize> {
        self.fd
            .write_alone(buf.len(), |s, done| socket::send(s, &buf[done..]))
    }

    /// Sets the read deadline on the runtime's own clock.
    #[cfg(feature = "http")]
    pub(crate) fn set_read_due(&self, due: Option<i64>) {
        self.fd.set_due(Direction::Read, due);
    }

    /// Gives reads `limit` from now; zero: as long as it takes.
    #[cfg(feature = "http")]
    pub(crate) fn set_read_limit(&self, limit: Duration) {
        self.fd.set_limit(Direction::Read, limit);
    }

    /// Waits for input without taking any; `false`: the end of the stream.
    #[cfg(feature = "http")]
    pub(crate) fn peek_one(&self) -> io::Result<bool> {
        let mut byte = [MaybeUninit::uninit()];
        let n = self.fd.read(|s| socket::peek(s, &mut byte))?;
        Ok(n > 0)
    }

    /// Closes one half or both of the connection.
    ///
    /// # Errors
    /// The kernel's.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.fd.get()?.shutdown(how)
    }
}

crate::net::std_methods!(UnixStream);
crate::net::deadline_methods!(UnixStream);
crate::net::descriptor_traits!(UnixStream, std::os::unix::net::UnixStream);

impl Read for &UnixStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        // Not `read_stream`: where the sender's credentials or descriptors change, a read is short
        // with more behind it.
        self.fd.read(|mut s| s.read(buf))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.fd.read(|mut s| s.read_vectored(bufs))
    }
}

impl Write for &UnixStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.fd
            .write_stream(buf.len(), |s, done| socket::send(s, &buf[done..]))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.fd.write(|s| socket::send_vectored(s, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

crate::net::read_write_by_ref!(UnixStream);
