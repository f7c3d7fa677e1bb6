//! Unix sockets: [`UnixStream`], [`UnixListener`] and [`UnixDatagram`].

mod datagram;
mod listener;
mod stream;

pub use datagram::UnixDatagram;
pub use listener::{UnixIncoming, UnixListener};
pub use std::os::unix::net::SocketAddr as UnixSocketAddr;
pub use stream::UnixStream;

use crate::sys::socket;
use std::fmt;
use std::fmt::Display as _;
use std::io;
use std::path::Path;

/// An address as Go writes it: a path, or `@name` for a name that is no file (an abstract one).
pub(super) fn named(addr: &str) -> io::Result<UnixSocketAddr> {
    match addr.strip_prefix('@') {
        Some(name) => socket::abstract_address(name.as_bytes()),
        None => address(addr),
    }
}

/// Writes an address as Go does; one without a name is `@`.
pub(super) fn write(addr: &UnixSocketAddr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(path) = addr.as_pathname() {
        return path.display().fmt(f);
    }
    let name = socket::abstract_name(addr).unwrap_or_default();
    write!(f, "@{}", String::from_utf8_lossy(name))
}

/// A path as an address.
fn address(path: impl AsRef<Path>) -> io::Result<UnixSocketAddr> {
    UnixSocketAddr::from_pathname(path)
}
