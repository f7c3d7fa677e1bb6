//! The network, as std has it, on goroutines: a call that would block suspends the goroutine and
//! leaves its thread to others (Go's package `net`).
//!
//! [`TcpListener`], [`TcpStream`], [`UdpSocket`], [`UnixListener`], [`UnixStream`] and
//! [`UnixDatagram`] have the names and methods of std's types, and more:
//!
//! * all methods take `&self`, and `Read` and `Write` are there for references too, so the
//!   goroutines that share a connection need no lock;
//! * `set_deadline`, `set_read_deadline`, `set_write_deadline`: from that moment on calls fail with
//!   `i/o timeout`, blocked ones too, until another deadline is set;
//! * `close` ends the calls that are under way: `use of closed network connection`.
//!
//! [`dial`], [`dial_timeout`], [`dial_context`] and [`listen`] go by network and address as in Go;
//! [`pipe`] is a connection inside the process. [`NetError`] tells the errors above apart.
//!
//! Everything works from a plain thread as well; there it blocks that thread.

mod accept;
mod dial;
mod error;
pub(crate) mod fd;
mod listen;
mod methods;
mod pipe;
mod resolve;
pub(crate) mod rt;
mod tcp;
mod udp;
mod unix;

pub use dial::{Addr, Conn, dial, dial_context, dial_timeout};
pub use error::NetError;
pub use listen::{Listener, listen};
pub use pipe::{PipeStream, pipe};
pub use resolve::lookup_host;
pub use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, SocketAddrV4, SocketAddrV6, ToSocketAddrs,
};
pub use tcp::{Incoming, TcpListener, TcpStream};
pub use udp::UdpSocket;
pub use unix::{UnixDatagram, UnixIncoming, UnixListener, UnixSocketAddr, UnixStream};

use methods::{deadline_methods, descriptor_traits, read_write_by_ref, std_methods, std_traits};
