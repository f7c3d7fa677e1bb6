//! What a dial gives: a connection of any network.

use crate::net::unix::{self, UnixSocketAddr};
use crate::net::{TcpStream, UdpSocket, UnixDatagram, UnixStream};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

/// A connection of any network (Go's `net.Conn`). On the networks of packets a read takes one
/// packet and a write sends one.
///
/// # Suspends
/// `read`, `write` and `close`.
///
/// ```
/// use goroutines::net::{self, Conn, TcpListener};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let conn = net::dial("tcp", listener.local_addr()?)?;
/// assert_eq!(conn.peer_addr()?.network(), "tcp");
/// let Conn::Tcp(stream) = conn else { unreachable!() };
/// stream.set_nodelay(false)?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Conn {
    /// `tcp`, `tcp4`, `tcp6`.
    Tcp(TcpStream),
    /// `udp`, `udp4`, `udp6`.
    Udp(UdpSocket),
    /// `unix`.
    Unix(UnixStream),
    /// `unixgram`.
    UnixDatagram(UnixDatagram),
}

/// The address of one end (Go's `net.Addr`); prints as Go does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Addr {
    /// Of a TCP connection.
    Tcp(SocketAddr),
    /// Of a UDP socket.
    Udp(SocketAddr),
    /// Of a Unix socket.
    Unix(UnixSocketAddr),
    /// Of a Unix socket for packets.
    UnixDatagram(UnixSocketAddr),
}

impl Addr {
    /// `tcp`, `udp`, `unix` or `unixgram`.
    pub fn network(&self) -> &'static str {
        match self {
            Addr::Tcp(_) => "tcp",
            Addr::Udp(_) => "udp",
            Addr::Unix(_) => "unix",
            Addr::UnixDatagram(_) => "unixgram",
        }
    }

    /// The IP address and port, if it has them.
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        match self {
            Addr::Tcp(a) | Addr::Udp(a) => Some(*a),
            Addr::Unix(_) | Addr::UnixDatagram(_) => None,
        }
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Addr::Tcp(a) | Addr::Udp(a) => a.fmt(f),
            Addr::Unix(a) | Addr::UnixDatagram(a) => unix::write(a, f),
        }
    }
}

/// The same call on whatever is inside.
macro_rules! each {
    ($self:ident, $c:ident => $call:expr) => {
        match $self {
            Conn::Tcp($c) => $call,
            Conn::Udp($c) => $call,
            Conn::Unix($c) => $call,
            Conn::UnixDatagram($c) => $call,
        }
    };
}

impl Conn {
    /// The address of this end.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<Addr> {
        Ok(match self {
            Conn::Tcp(c) => Addr::Tcp(c.local_addr()?),
            Conn::Udp(c) => Addr::Udp(c.local_addr()?),
            Conn::Unix(c) => Addr::Unix(c.local_addr()?),
            Conn::UnixDatagram(c) => Addr::UnixDatagram(c.local_addr()?),
        })
    }

    /// The address of the other end (Go's `RemoteAddr`).
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn peer_addr(&self) -> io::Result<Addr> {
        Ok(match self {
            Conn::Tcp(c) => Addr::Tcp(c.peer_addr()?),
            Conn::Udp(c) => Addr::Udp(c.peer_addr()?),
            Conn::Unix(c) => Addr::Unix(c.peer_addr()?),
            Conn::UnixDatagram(c) => Addr::UnixDatagram(c.peer_addr()?),
        })
    }

    /// Makes reads and writes fail with `i/o timeout` from `deadline` on; `None` clears it.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        let deadline = deadline.into();
        each!(self, c => c.set_deadline(deadline))
    }

    /// [`set_deadline`](Self::set_deadline) for reads only.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_read_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        let deadline = deadline.into();
        each!(self, c => c.set_read_deadline(deadline))
    }

    /// [`set_deadline`](Self::set_deadline) for writes only.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_write_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        let deadline = deadline.into();
        each!(self, c => c.set_write_deadline(deadline))
    }

    /// Closes it for all its users.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        each!(self, c => c.close())
    }
}

impl Read for &Conn {
    /// Reading into no room returns at once, as in Go, also where a packet would be taken.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Conn::Tcp(c) => Read::read(&mut &*c, buf),
            Conn::Unix(c) => Read::read(&mut &*c, buf),
            _ if buf.is_empty() => self.local_addr().map(|_| 0),
            Conn::Udp(c) => c.recv(buf),
            Conn::UnixDatagram(c) => c.recv(buf),
        }
    }
}

impl Write for &Conn {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Conn::Tcp(c) => Write::write(&mut &*c, buf),
            Conn::Unix(c) => Write::write(&mut &*c, buf),
            Conn::Udp(c) => c.send(buf),
            Conn::UnixDatagram(c) => c.send(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

crate::net::read_write_by_ref!(Conn);
