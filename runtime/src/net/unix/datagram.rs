//! Packets between processes of one machine.

use super::{UnixSocketAddr, address};
use crate::net::fd::Fd;
use std::io;
use std::net::Shutdown;
use std::path::Path;

/// A Unix socket for packets: std's, but its calls suspend the goroutine (Go's `net.UnixConn` on
/// `"unixgram"`). Packets are neither lost nor reordered; a full receiver makes the sender wait.
///
/// # Suspends
/// `recv`, `recv_from`, `send`, `send_to`, `send_to_addr` and `close`.
///
/// ```
/// use goroutines::net::UnixDatagram;
///
/// let (a, b) = UnixDatagram::pair()?;
/// a.send(b"one")?;
/// let mut buf = [0; 16];
/// assert_eq!(b.recv(&mut buf)?, 3);
/// # std::io::Result::Ok(())
/// ```
pub struct UnixDatagram {
    fd: Fd<std::os::unix::net::UnixDatagram>,
}

impl UnixDatagram {
    /// A socket at `path`, which must not exist. The file stays when the socket is gone.
    ///
    /// # Errors
    /// The kernel's, `AddrInUse` for instance.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<UnixDatagram> {
        Self::bind_addr(&address(path)?)
    }

    /// A socket at `addr`.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub fn bind_addr(addr: &UnixSocketAddr) -> io::Result<UnixDatagram> {
        Self::from_std(std::os::unix::net::UnixDatagram::bind_addr(addr)?)
    }

    /// A socket without an address.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn unbound() -> io::Result<UnixDatagram> {
        Self::from_std(std::os::unix::net::UnixDatagram::unbound()?)
    }

    /// Two connected sockets.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (a, b) = std::os::unix::net::UnixDatagram::pair()?;
        Ok((Self::from_std(a)?, Self::from_std(b)?))
    }

    /// Fixes the peer.
    ///
    /// # Errors
    /// The kernel's: `NotFound`, `ConnectionRefused`.
    pub fn connect(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.connect_addr(&address(path)?)
    }

    /// Fixes the peer.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_addr(&self, addr: &UnixSocketAddr) -> io::Result<()> {
        self.fd.get()?.connect_addr(addr)
    }

    /// A second handle on the same socket, with deadlines of its own.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<UnixDatagram> {
        Self::from_std(self.fd.get()?.try_clone()?)
    }

    /// The address of this end.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<UnixSocketAddr> {
        self.fd.get()?.local_addr()
    }

    /// The address of the peer.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn peer_addr(&self) -> io::Result<UnixSocketAddr> {
        self.fd.get()?.peer_addr()
    }

    /// Receives one packet and returns its sender's address; what does not fit into `buf` is lost.
    ///
    /// # Errors
    /// `i/o timeout`, `use of closed network connection`, the kernel's.
    pub fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, UnixSocketAddr)> {
        self.fd.read(|s| s.recv_from(buf))
    }

    /// Receives one packet; what does not fit into `buf` is lost.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.fd.read(|s| s.recv(buf))
    }

    /// Sends one packet to the socket at `path`.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn send_to(&self, buf: &[u8], path: impl AsRef<Path>) -> io::Result<usize> {
        self.send_to_addr(buf, &address(path)?)
    }

    /// Sends one packet to the socket at `addr`.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn send_to_addr(&self, buf: &[u8], addr: &UnixSocketAddr) -> io::Result<usize> {
        self.fd.write(|s| s.send_to_addr(buf, addr))
    }

    /// Sends one packet to the peer.
    ///
    /// # Errors
    /// As [`recv_from`](Self::recv_from).
    pub fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.fd.write(|s| s.send(buf))
    }

    /// Closes one half or both.
    ///
    /// # Errors
    /// The kernel's.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.fd.get()?.shutdown(how)
    }
}

crate::net::std_methods!(UnixDatagram);
crate::net::deadline_methods!(UnixDatagram);
crate::net::descriptor_traits!(UnixDatagram, std::os::unix::net::UnixDatagram);
