//! The socket calls that std does not offer in the form needed here.

use super::os;
pub(crate) use super::os::socket::{abstract_address, abstract_name, accept};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, TcpKeepalive};
use std::io::{self, IoSlice};
#[cfg(feature = "http")]
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::net::SocketAddr as UnixSocketAddr;
use std::time::Duration;

/// How a connect has begun.
pub(crate) enum Connecting {
    /// It is done.
    Done(Socket),
    /// It will be: wait until the socket is writable, then ask [`connect_result`].
    Pending(Socket),
}

/// Opens a TCP socket in non-blocking mode and begins to connect it.
///
/// # Errors
/// Those of `socket` and `connect`.
pub(crate) fn connect_tcp(addr: &SocketAddr) -> io::Result<Connecting> {
    let socket = os::socket::stream(Domain::for_address(*addr), Some(Protocol::TCP))?;
    tune(&socket)?;
    match socket.connect(&(*addr).into()) {
        Ok(()) => Ok(Connecting::Done(socket)),
        // An interrupted connect goes on as well.
        Err(e) if matches!(e.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {
            Ok(Connecting::Pending(socket))
        }
        Err(e) => Err(e),
    }
}

/// The result of a connect whose socket has become writable: `false` = it is still under way.
///
/// # Errors
/// The result of the connect.
pub(crate) fn connect_result(socket: &impl AsFd) -> io::Result<bool> {
    let socket = SockRef::from(socket);
    if let Some(e) = socket.take_error()? {
        return Err(e);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(e) => Err(e),
    }
}

/// std's address of a Unix socket in the form of the calls here.
///
/// # Errors
/// `InvalidInput` for an address without a name.
pub(crate) fn unix_address(addr: &UnixSocketAddr) -> io::Result<SockAddr> {
    if let Some(path) = addr.as_pathname() {
        return SockAddr::unix(path);
    }
    match abstract_name(addr) {
        Some(name) => os::socket::raw_abstract(name),
        None => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Connects a Unix stream socket in non-blocking mode. `None`: the listener's backlog is full; the
/// kernel has no event for the end of that, so try again later.
///
/// # Errors
/// Those of `socket` and `connect`.
pub(crate) fn connect_unix(addr: &SockAddr) -> io::Result<Option<Socket>> {
    let socket = os::socket::stream(Domain::UNIX, None)?;
    match socket.connect(addr) {
        Ok(()) => Ok(Some(socket)),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(e) => Err(e),
    }
}

/// Go's defaults for TCP: no delay of small writes, and a probe after 15 s of silence, nine times.
/// Connections that are accepted inherit them from their listener.
///
/// # Errors
/// Those of `setsockopt`.
pub(crate) fn tune(socket: &impl AsFd) -> io::Result<()> {
    const PROBE: Duration = Duration::from_secs(15);
    let socket = SockRef::from(socket);
    socket.set_tcp_nodelay(true)?;
    let probes = TcpKeepalive::new().with_time(PROBE).with_interval(PROBE);
    socket.set_tcp_keepalive(&probes.with_retries(9))
}

/// Probes a silent peer every `period`; `None`: never.
///
/// # Errors
/// Those of `setsockopt`.
pub(crate) fn set_keepalive(socket: &impl AsFd, period: Option<Duration>) -> io::Result<()> {
    let socket = SockRef::from(socket);
    match period {
        Some(p) => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(p).with_interval(p)),
        None => socket.set_keepalive(false),
    }
}

/// `SO_LINGER`.
///
/// # Errors
/// Those of `setsockopt`.
pub(crate) fn set_linger(socket: &impl AsFd, linger: Option<Duration>) -> io::Result<()> {
    SockRef::from(socket).set_linger(linger)
}

/// Receives into memory that need not be initialised; what has come, by the result, is initialised afterwards.
///
/// # Errors
/// Those of `recv`.
#[cfg(feature = "http")]
pub(crate) fn recv(socket: &impl AsFd, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    os::socket::recv(socket.as_fd(), buf)
}

/// Looks at what there is to read, without taking it.
///
/// # Errors
/// Those of `recv`.
#[cfg(feature = "http")]
pub(crate) fn peek(socket: &impl AsFd, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    SockRef::from(socket).peek(buf)
}

/// Sends what there is room for, without SIGPIPE.
///
/// # Errors
/// Those of `send`.
pub(crate) fn send(socket: &impl AsFd, buf: &[u8]) -> io::Result<usize> {
    os::socket::send(socket.as_fd(), buf)
}

/// Sends of these pieces what there is room for. It raises no SIGPIPE where nobody receives any more: std's
/// `write_vectored` does, and its `write` does not.
///
/// # Errors
/// Those of `sendmsg`.
pub(crate) fn send_vectored(socket: &impl AsFd, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
    /// It takes no more at once.
    const MOST: usize = 1024;
    let bufs = &bufs[..bufs.len().min(MOST)];
    SockRef::from(socket).send_vectored_with_flags(bufs, os::socket::NO_SIGPIPE)
}

/// Lets as many connections wait to be accepted as the system allows (std: 128).
///
/// # Errors
/// Those of `listen`.
pub(crate) fn long_backlog(listener: &impl AsFd) -> io::Result<()> {
    // The kernel lowers it to net.core.somaxconn.
    SockRef::from(listener).listen(i32::MAX)
}

/// Is this error a lack of descriptors or memory, which passes?
pub(crate) fn is_exhaustion(e: &io::Error) -> bool {
    matches!(
        e.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)
    )
}

/// Did `connect` fail for lack of a local port, or by meeting itself? Both happen on busy loopback
/// interfaces and pass when it is tried again.
pub(crate) fn is_port_shortage(e: &io::Error) -> bool {
    e.raw_os_error() == Some(libc::EADDRNOTAVAIL)
}

/// For systems whose Unix sockets all have a path.
#[cfg(not(target_os = "linux"))]
pub(super) mod no_abstract {
    use super::{SockAddr, UnixSocketAddr, io};

    /// # Errors
    /// `Unsupported`.
    pub(crate) fn abstract_address(_: &[u8]) -> io::Result<UnixSocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// None has one.
    pub(crate) fn abstract_name(_: &UnixSocketAddr) -> Option<&[u8]> {
        None
    }

    pub(in crate::sys) fn raw_abstract(_: &[u8]) -> io::Result<SockAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
