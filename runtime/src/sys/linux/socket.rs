//! Sockets.

use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::ffi::OsStr;
use std::io;
#[cfg(feature = "http")]
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr as UnixSocketAddr;

/// Of a send: no SIGPIPE.
pub(in crate::sys) const NO_SIGPIPE: i32 = libc::MSG_NOSIGNAL;

/// Accepts a connection in non-blocking mode, with one system call (std needs two).
///
/// # Errors
/// Those of `accept4`.
pub(crate) fn accept(listener: &impl AsRawFd) -> io::Result<(OwnedFd, SockAddr)> {
    let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: the kernel writes an address and its length to where `try_init` points; a descriptor
    // it returns has no other owner.
    unsafe {
        SockAddr::try_init(|addr, len| {
            match libc::accept4(listener.as_raw_fd(), addr.cast(), len, flags) {
                -1 => Err(io::Error::last_os_error()),
                fd => Ok(OwnedFd::from_raw_fd(fd)),
            }
        })
    }
}

/// A stream socket in non-blocking mode.
pub(in crate::sys) fn stream(domain: Domain, protocol: Option<Protocol>) -> io::Result<Socket> {
    Socket::new(domain, Type::STREAM.nonblocking(), protocol)
}

/// Receives. The system call itself: libc's `recv` is a point of cancellation, which takes it two locked instructions.
#[cfg(feature = "http")]
pub(in crate::sys) fn recv(
    socket: BorrowedFd<'_>,
    buf: &mut [MaybeUninit<u8>],
) -> io::Result<usize> {
    let (at, len) = (buf.as_mut_ptr(), buf.len());
    let (flags, from) = (0, std::ptr::null::<u8>());
    // SAFETY: an open descriptor, and room of the length told; nobody's address is asked for.
    let n = unsafe {
        libc::syscall(
            libc::SYS_recvfrom,
            socket.as_raw_fd(),
            at,
            len,
            flags,
            from,
            from,
        )
    };
    usize::try_from(n).map_err(|_| io::Error::last_os_error())
}

/// Sends, without SIGPIPE; the system call itself, likewise.
pub(in crate::sys) fn send(socket: BorrowedFd<'_>, buf: &[u8]) -> io::Result<usize> {
    let to = std::ptr::null::<u8>();
    // SAFETY: an open descriptor, and bytes of the length told; no address is given.
    let n = unsafe {
        libc::syscall(
            libc::SYS_sendto,
            socket.as_raw_fd(),
            buf.as_ptr(),
            buf.len(),
            NO_SIGPIPE,
            to,
            0,
        )
    };
    usize::try_from(n).map_err(|_| io::Error::last_os_error())
}

/// The address with a name that is no file.
///
/// # Errors
/// `InvalidInput` for a name that is too long.
pub(crate) fn abstract_address(name: &[u8]) -> io::Result<UnixSocketAddr> {
    UnixSocketAddr::from_abstract_name(name)
}

/// The name of such an address.
pub(crate) fn abstract_name(addr: &UnixSocketAddr) -> Option<&[u8]> {
    addr.as_abstract_name()
}

/// Such an address for the calls here.
pub(in crate::sys) fn raw_abstract(name: &[u8]) -> io::Result<SockAddr> {
    SockAddr::unix(OsStr::from_bytes(&[b"\0", name].concat()))
}
