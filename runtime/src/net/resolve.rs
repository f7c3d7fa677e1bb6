//! From names to addresses.

use super::rt::blocking;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// All addresses of `addr`. Asking the system's resolver may take seconds: the goroutine keeps its
/// thread for it, but not its P.
pub(super) fn all(addr: impl ToSocketAddrs) -> io::Result<Vec<SocketAddr>> {
    blocking(|| Ok(addr.to_socket_addrs()?.collect()))
}

/// std's error for an empty list.
pub(super) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "could not resolve to any addresses",
    )
}
