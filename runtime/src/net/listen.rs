//! Listening by network and address, as Go's `net.Listen` does.

use super::dial::{Addr, Conn};
use super::{TcpListener, UnixListener, resolve, unix};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

/// Listens on `addr` (Go's `net.Listen`).
///
/// Networks are `tcp`, `tcp4`, `tcp6` with an address `host:port`, whose host may be empty for all
/// addresses of this machine and whose port may be 0 for any free one, and `unix` with a path, or with
/// `@name` for a name that is no file (Linux's abstract ones).
///
/// # Errors
/// `unknown network NAME`, `address ADDR: missing port in address`, the resolver's, the kernel's.
///
/// ```
/// use goroutines::net;
/// use std::io::Read;
///
/// let listener = net::listen("tcp", "127.0.0.1:0")?;
/// let addr = listener.local_addr()?;
/// goroutines::go!({ net::dial("tcp", addr) });
/// let mut conn = listener.accept()?;
/// assert_eq!(conn.read(&mut [0; 8])?, 0);
/// # std::io::Result::Ok(())
/// ```
pub fn listen(network: &str, addr: impl fmt::Display) -> io::Result<Listener> {
    let addr = addr.to_string();
    match network {
        "tcp" | "tcp4" | "tcp6" => {
            let addrs = local_addresses(network, &addr)?;
            TcpListener::bind(&addrs[..]).map(Listener::Tcp)
        }
        "unix" => UnixListener::bind_addr(&unix::named(&addr)?).map(Listener::Unix),
        _ => Err(resolve::invalid(format!("unknown network {network}"))),
    }
}

/// Where to listen, the wider first.
fn local_addresses(network: &str, addr: &str) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = resolve::split(addr)?;
    let all = match host {
        // The first also takes what comes by IPv4.
        "" => vec![([0u16; 8], port).into(), ([0u8; 4], port).into()],
        host => resolve::all((host, port))?,
    };
    resolve::of_network(network, addr, all)
}

/// A listener of any network (Go's `net.Listener`).
///
/// # Suspends
/// `accept` and `close`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Listener {
    /// `tcp`, `tcp4`, `tcp6`.
    Tcp(TcpListener),
    /// `unix`.
    Unix(UnixListener),
}

impl Listener {
    /// Waits for a connection.
    ///
    /// # Errors
    /// As [`TcpListener::accept`].
    pub fn accept(&self) -> io::Result<Conn> {
        Ok(match self {
            Listener::Tcp(l) => Conn::Tcp(l.accept()?.0),
            Listener::Unix(l) => Conn::Unix(l.accept()?.0),
        })
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<Addr> {
        Ok(match self {
            Listener::Tcp(l) => Addr::Tcp(l.local_addr()?),
            Listener::Unix(l) => Addr::Unix(l.local_addr()?),
        })
    }

    /// Makes [`accept`](Self::accept) fail with `i/o timeout` from `deadline` on; `None` clears
    /// it.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        match self {
            Listener::Tcp(l) => l.set_deadline(deadline),
            Listener::Unix(l) => l.set_deadline(deadline),
        }
    }

    /// Stops listening: a goroutine blocked in [`accept`](Self::accept) gets `use of closed network
    /// connection`.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        match self {
            Listener::Tcp(l) => l.close(),
            Listener::Unix(l) => l.close(),
        }
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Listener {
        Listener::Tcp(listener)
    }
}

impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Listener {
        Listener::Unix(listener)
    }
}
