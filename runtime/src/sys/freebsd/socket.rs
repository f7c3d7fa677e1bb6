//! Sockets.

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use std::io;
#[cfg(feature = "http")]
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

pub(in crate::sys) use crate::sys::socket::no_abstract::raw_abstract;
pub(crate) use crate::sys::socket::no_abstract::{abstract_address, abstract_name};

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

#[cfg(feature = "http")]
pub(in crate::sys) fn recv(
    socket: BorrowedFd<'_>,
    buf: &mut [MaybeUninit<u8>],
) -> io::Result<usize> {
    SockRef::from(&socket).recv(buf)
}

/// Sends, without SIGPIPE.
pub(in crate::sys) fn send(socket: BorrowedFd<'_>, buf: &[u8]) -> io::Result<usize> {
    SockRef::from(&socket).send_with_flags(buf, NO_SIGPIPE)
}
