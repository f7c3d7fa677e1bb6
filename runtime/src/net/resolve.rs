//! From names to addresses.

use super::rt::blocking;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

/// All addresses of `addr`. Asking the system's resolver may take seconds: the goroutine keeps its
/// thread for it, but not its P.
pub(super) fn all(addr: impl ToSocketAddrs) -> io::Result<Vec<SocketAddr>> {
    blocking(|| Ok(addr.to_socket_addrs()?.collect()))
}

/// The addresses of a host (Go's `net.LookupHost`). Goes on beside the scheduler: other goroutines do
/// not wait for it.
///
/// # Errors
/// The resolver's.
///
/// # Suspends
/// Until the resolver has answered, if that takes long.
///
/// ```
/// let found = goroutines::net::lookup_host("127.0.0.1")?;
/// assert_eq!(found, [std::net::Ipv4Addr::LOCALHOST]);
/// # std::io::Result::Ok(())
/// ```
pub fn lookup_host(host: &str) -> io::Result<Vec<IpAddr>> {
    let mut found: Vec<_> = all((host, 0))?.iter().map(SocketAddr::ip).collect();
    found.dedup();
    Ok(found)
}

/// std's error for an empty list.
pub(super) fn no_address() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "could not resolve to any addresses",
    )
}

pub(super) fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

/// `host:port`, `[v6]:port` or `:port` in its two parts.
pub(super) fn split(addr: &str) -> io::Result<(&str, u16)> {
    let missing = || invalid(format!("address {addr}: missing port in address"));
    let (host, port) = addr.rsplit_once(':').ok_or_else(missing)?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').ok_or_else(missing)?,
        None if host.contains(':') => {
            return Err(invalid(format!(
                "address {addr}: too many colons in address"
            )));
        }
        None => host,
    };
    let port = port
        .parse()
        .map_err(|_| invalid(format!("address {addr}: invalid port")))?;
    Ok((host, port))
}

/// Those of `all` that `network` (`tcp`, `udp4`, ..) may use.
pub(super) fn of_network(
    network: &str,
    addr: &str,
    mut all: Vec<SocketAddr>,
) -> io::Result<Vec<SocketAddr>> {
    match network.as_bytes().last() {
        Some(b'4') => all.retain(SocketAddr::is_ipv4),
        Some(b'6') => all.retain(SocketAddr::is_ipv6),
        _ => {}
    }
    if all.is_empty() {
        return Err(invalid(format!(
            "address {addr}: no suitable address found"
        )));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(split("a.b:80").unwrap(), ("a.b", 80));
        assert_eq!(split("[::1]:80").unwrap(), ("::1", 80));
        assert_eq!(split(":80").unwrap(), ("", 80));
        let text = |addr| split(addr).unwrap_err().to_string();
        assert_eq!(text("host"), "address host: missing port in address");
        assert_eq!(text("::1:80"), "address ::1:80: too many colons in address");
        assert_eq!(text("host:http"), "address host:http: invalid port");
    }
}
