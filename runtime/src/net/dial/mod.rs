//! Connecting by network and address, as Go's `net.Dial` does.
//!
//! A name may have many addresses. They are tried in the resolver's order, each with its share of
//! the time that is left; and if there are addresses of both IP versions, those of the second begin
//! 300 ms after the first (RFC 6555, "happy eyeballs"): the first to connect wins.

mod conn;
mod race;

pub use conn::{Addr, Conn};

use super::fd::Interrupter;
use super::resolve;
use super::rt::Mutex;
use super::unix;
use super::{NetError, TcpStream, UdpSocket, UnixDatagram, UnixStream};
use crate::context::{self, Context, ContextError};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much later the addresses of the second IP version begin.
const FALLBACK_DELAY: Duration = Duration::from_millis(300);
/// Each address gets at least this much of the time, if there is that much.
const LEAST_SHARE: Duration = Duration::from_secs(2);

/// Connects to `addr` on `network` (Go's `net.Dial`).
///
/// Networks are `tcp`, `tcp4`, `tcp6`, `udp`, `udp4`, `udp6` with an address `host:port`, and
/// `unix`, `unixgram` with a path, or with `@name` for a name that is no file (Linux's abstract ones). The
/// host is a name, an IP address (IPv6 in brackets), or empty
/// for this machine.
///
/// # Errors
/// `unknown network NAME`, `address ADDR: missing port in address`, the resolver's, and of several
/// addresses the first one's error.
///
/// # Suspends
/// Until it is connected.
///
/// ```
/// use goroutines::net::{self, TcpListener};
/// use std::io::Write;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let mut conn = net::dial("tcp", listener.local_addr()?)?;
/// conn.write_all(b"hello")?;
/// # std::io::Result::Ok(())
/// ```
pub fn dial(network: &str, addr: impl fmt::Display) -> io::Result<Conn> {
    dial_context(&context::background(), network, addr)
}

/// [`dial`] that takes at most `timeout` in all (Go's `net.DialTimeout`).
///
/// # Errors
/// As [`dial`]; `i/o timeout`.
///
/// # Suspends
/// Until it is connected.
///
/// ```
/// use goroutines::net::{self, TcpListener};
/// use std::time::Duration;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let conn = net::dial_timeout("tcp4", listener.local_addr()?, Duration::from_secs(1))?;
/// # std::io::Result::Ok(())
/// ```
pub fn dial_timeout(network: &str, addr: impl fmt::Display, timeout: Duration) -> io::Result<Conn> {
    let (ctx, cancel) = context::with_timeout(&context::background(), timeout);
    let result = dial_context(&ctx, network, addr);
    cancel();
    result
}

/// [`dial`] that gives up when `ctx` is done (Go's `Dialer.DialContext`). Once connected, the
/// context has no effect on the connection.
///
/// # Errors
/// As [`dial`]; `operation was canceled`, or `i/o timeout` after the context's deadline.
///
/// # Suspends
/// Until it is connected.
///
/// ```
/// use goroutines::{context, net};
///
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// cancel();
/// let e = net::dial_context(&ctx, "tcp", "127.0.0.1:80").unwrap_err();
/// assert_eq!(e.to_string(), "operation was canceled");
/// ```
pub fn dial_context(ctx: &Context, network: &str, addr: impl fmt::Display) -> io::Result<Conn> {
    let addr = addr.to_string();
    check(ctx)?;
    let result = match network {
        "tcp" | "tcp4" | "tcp6" => tcp(ctx, &look_up(ctx, network, &addr)?).map(Conn::Tcp),
        "udp" | "udp4" | "udp6" => udp(&look_up(ctx, network, &addr)?).map(Conn::Udp),
        "unix" => {
            let addr = unix::named(&addr)?;
            UnixStream::connect_until(&addr, ctx.deadline(), || ctx.err().is_some()).map(Conn::Unix)
        }
        "unixgram" => UnixDatagram::unbound().and_then(|socket| {
            socket.connect_addr(&unix::named(&addr)?)?;
            Ok(Conn::UnixDatagram(socket))
        }),
        _ => return Err(resolve::invalid(format!("unknown network {network}"))),
    };
    // An error that came because the context was done is reported as the context's.
    result.map_err(|e| check(ctx).err().unwrap_or(e))
}

/// Fails if `ctx` is done.
fn check(ctx: &Context) -> io::Result<()> {
    match ctx.err() {
        None => Ok(()),
        Some(ContextError::DeadlineExceeded) => Err(NetError::Timeout.into()),
        Some(_) => Err(NetError::Canceled.into()),
    }
}

/// The addresses of `addr` that `network` may use.
fn look_up(ctx: &Context, network: &str, addr: &str) -> io::Result<Vec<SocketAddr>> {
    let (host, port) = resolve::split(addr)?;
    let all = if host.is_empty() {
        vec![
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ]
    } else if let Ok(ip) = host.parse::<IpAddr>() {
        vec![(ip, port).into()]
    } else {
        ask_resolver(ctx, host.to_owned(), port)?
    };
    resolve::of_network(network, addr, all)
}

/// Looks a name up; the resolver cannot be stopped, so a context that is done leaves it behind.
fn ask_resolver(ctx: &Context, host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (tx, rx) = crate::chan::channel(1);
    crate::go!({
        // The receiver may be gone.
        let _ = tx.try_send(resolve::all((host.as_str(), port)));
    });
    let done = ctx.done();
    crate::select! {
        found = <-rx => found.expect("the resolver answers"),
        <-done => Err(check(ctx).expect_err("the context is done")),
    }
}

fn udp(addrs: &[SocketAddr]) -> io::Result<UdpSocket> {
    first_success(addrs, |addr| {
        let any: IpAddr = match addr {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect(addr)?;
        Ok(socket)
    })
}

fn tcp(ctx: &Context, addrs: &[SocketAddr]) -> io::Result<TcpStream> {
    let version = addrs[0].is_ipv4();
    let (first, second): (Vec<_>, Vec<_>) =
        addrs.iter().copied().partition(|a| a.is_ipv4() == version);
    if second.is_empty() {
        return in_turn(ctx, &first);
    }
    race::race(
        ctx,
        FALLBACK_DELAY,
        move |ctx| in_turn(ctx, &first),
        move |ctx| in_turn(ctx, &second),
    )
}

/// One address after the other.
fn in_turn(ctx: &Context, addrs: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut left = addrs.len() as u32;
    first_success(addrs, |addr| {
        check(ctx)?;
        let deadline = ctx.deadline().map(|d| share(d, left));
        left -= 1;
        connect(ctx, addr, deadline)
    })
}

/// The first that succeeds, or the first error.
fn first_success<T>(
    addrs: &[SocketAddr],
    mut f: impl FnMut(&SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let mut first = None;
    for addr in addrs {
        match f(addr) {
            Ok(t) => return Ok(t),
            Err(e) => first = first.or(Some(e)),
        }
    }
    Err(first.unwrap_or_else(resolve::no_address))
}

/// Until when the next of `left` addresses may take: its part of the time until `deadline`, and at
/// least [`LEAST_SHARE`] of it.
fn share(deadline: Instant, left: u32) -> Instant {
    let now = Instant::now();
    let rest = deadline.saturating_duration_since(now);
    now + (rest / left).max(LEAST_SHARE.min(rest))
}

/// Connects to one address until `deadline`, or until `ctx` is done.
fn connect(ctx: &Context, addr: &SocketAddr, deadline: Option<Instant>) -> io::Result<TcpStream> {
    let attempt = Arc::new(Attempt::default());
    let stop = context::after_func(ctx, {
        let attempt = attempt.clone();
        move || attempt.cancel()
    });
    let result = TcpStream::connect_with(addr, |stream| {
        stream.set_write_deadline(deadline)?;
        attempt.begin(stream)
    });
    stop();
    result
}

/// A connect that a context may cancel, at any time.
#[derive(Default)]
struct Attempt(Mutex<(bool, Option<Interrupter>)>);

/// The connect is under way; dropped before its socket is.
struct UnderWay<'a>(&'a Attempt);

impl Attempt {
    fn begin(&self, stream: &TcpStream) -> io::Result<UnderWay<'_>> {
        let mut state = self.0.lock();
        if state.0 {
            return Err(NetError::Canceled.into());
        }
        state.1 = Some(stream.interrupter());
        Ok(UnderWay(self))
    }

    fn cancel(&self) {
        let mut state = self.0.lock();
        state.0 = true;
        if let Some(interrupter) = &state.1 {
            interrupter.end_writes();
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.0.lock().1 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Go's `TestDialerPartialDeadline`.
    #[test]
    fn each_address_has_its_share_of_the_time() {
        let secs = Duration::from_secs;
        for (rest, left, want) in [
            (12, 1, 12),
            (12, 2, 6),
            (12, 3, 4),
            (12, 12, 2),
            (1, 1000, 1),
        ] {
            let now = Instant::now();
            let got = share(now + secs(rest), left) - now;
            assert!(got >= secs(want) - secs(1) / 10 && got <= secs(want) + secs(1) / 10);
        }
    }
}
