//! Unix sockets: [`UnixStream`], [`UnixListener`] and [`UnixDatagram`].

mod datagram;
mod listener;
mod stream;

pub use datagram::UnixDatagram;
pub use listener::{UnixIncoming, UnixListener};
pub use std::os::unix::net::SocketAddr as UnixSocketAddr;
pub use stream::UnixStream;

use std::io;
use std::path::Path;

/// A path as an address.
fn address(path: impl AsRef<Path>) -> io::Result<UnixSocketAddr> {
    UnixSocketAddr::from_pathname(path)
}
