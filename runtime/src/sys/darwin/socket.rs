//! Sockets.

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, Type};
use std::io;
#[cfg(feature = "http")]
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

pub(in crate::sys) use crate::sys::socket::no_abstract::raw_abstract;
pub(crate) use crate::sys::socket::no_abstract::{abstract_address, abstract_name};

/// Of a send: no SIGPIPE. The sockets themselves say so here.
pub(in crate::sys) const NO_SIGPIPE: i32 = 0;

/// Accepts a connection in non-blocking mode.
///
/// # Errors
/// Those of `accept` and `fcntl`.
pub(crate) fn accept(listener: &impl AsRawFd) -> io::Result<(OwnedFd, SockAddr)> {
    // SAFETY: open: the caller's.
    let listener = unsafe { BorrowedFd::borrow_raw(listener.as_raw_fd()) };
    // Closed on exec, and without SIGPIPE.
    let (socket, addr) = SockRef::from(&listener).accept()?;
    socket.set_nonblocking(true)?;
    Ok((socket.into(), addr))
}

/// A stream socket in non-blocking mode.
pub(in crate::sys) fn stream(domain: Domain, protocol: Option<Protocol>) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
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
