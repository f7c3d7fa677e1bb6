//! TCP: [`TcpStream`] and [`TcpListener`].

use super::fd::{Fd, Interrupter};
use super::resolve;
use super::rt::{Direction, blocking};
use crate::sys::socket::{self, Connecting};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
#[cfg(feature = "http")]
use std::mem::MaybeUninit;
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
#[cfg(feature = "http")]
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// A TCP connection: std's, but its calls suspend the goroutine instead of blocking the thread
/// (Go's `net.TCPConn`).
///
/// As in Go, small writes are not delayed (`TCP_NODELAY`) and a silent peer is probed every 15 s.
/// All methods take `&self`, and `Read` and `Write` are there for `&TcpStream` too: one goroutine
/// may read while another writes, and [`close`](Self::close) or a deadline ends both. Two
/// goroutines that write at once do not interleave: a `write` returns when everything is written,
/// and then the next begins.
///
/// # Suspends
/// `connect`, `read`, `write`, `peek` and `close`.
///
/// ```
/// use goroutines::net::{TcpListener, TcpStream};
/// use std::io::{Read, Write};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let addr = listener.local_addr()?;
/// goroutines::go!(move || {
///     let (mut peer, _) = listener.accept().unwrap();
///     peer.write_all(b"hello").unwrap();
/// });
/// let mut text = String::new();
/// TcpStream::connect(addr)?.read_to_string(&mut text)?;
/// assert_eq!(text, "hello");
/// # std::io::Result::Ok(())
/// ```
pub struct TcpStream {
    fd: Fd<std::net::TcpStream>,
}

impl TcpStream {
    /// Connects to the first of `addr`'s addresses that answers. Looking up a name takes a thread,
    /// but keeps no other goroutine waiting.
    ///
    /// # Errors
    /// The last address's error.
    pub fn connect(addr: impl ToSocketAddrs) -> io::Result<TcpStream> {
        let mut last = None;
        for addr in resolve::all(addr)? {
            match Self::connect_until(&addr, None) {
                Ok(stream) => return Ok(stream),
                Err(e) => last = Some(e),
            }
        }
        Err(last.unwrap_or_else(resolve::no_address))
    }

    /// Connects to one address, for at most `timeout`.
    ///
    /// # Errors
    /// `i/o timeout` ([`NetError::Timeout`](super::NetError::Timeout)), or the kernel's error.
    pub fn connect_timeout(addr: &SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
        if timeout.is_zero() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "cannot set a 0 duration timeout",
            ));
        }
        Self::connect_until(addr, Instant::now().checked_add(timeout))
    }

    pub(super) fn connect_until(
        addr: &SocketAddr,
        deadline: Option<Instant>,
    ) -> io::Result<TcpStream> {
        Self::connect_with(addr, |stream| stream.set_write_deadline(deadline))
    }

    /// Connects; `prepare` sees the unconnected stream first, to set deadlines. What it returns is
    /// dropped when the connect has ended, before the stream is.
    pub(super) fn connect_with<G>(
        addr: &SocketAddr,
        prepare: impl Fn(&TcpStream) -> io::Result<G>,
    ) -> io::Result<TcpStream> {
        let mut tries = 0;
        loop {
            tries += 1;
            match Self::connect_once(addr, &prepare) {
                Ok(stream) if tries < 3 && stream.met_itself() => {}
                Err(e) if tries < 3 && socket::is_port_shortage(&e) => {}
                result => return result,
            }
        }
    }

    fn connect_once<G>(
        addr: &SocketAddr,
        prepare: impl Fn(&TcpStream) -> io::Result<G>,
    ) -> io::Result<TcpStream> {
        match socket::connect_tcp(addr)? {
            Connecting::Done(socket) => Self::adopt(socket.into()),
            Connecting::Pending(socket) => {
                let stream = Self::adopt(socket.into())?;
                let prepared = prepare(&stream)?;
                loop {
                    stream.fd.wait_writable()?;
                    if socket::connect_result(stream.fd.get()?)? {
                        break;
                    }
                }
                drop(prepared);
                stream.set_write_deadline(None)?;
                Ok(stream)
            }
        }
    }

    /// Reads what is there; `WouldBlock` if nothing is.
    #[cfg(feature = "http")]
    pub(crate) fn try_read_uninit(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        self.fd.try_read_stream(buf.len(), |s| socket::recv(s, buf))
    }

    /// See [`Fd::ask_kernel`].
    #[cfg(feature = "http")]
    pub(crate) fn ask_kernel(&self) {
        self.fd.ask_kernel();
    }

    /// Waits for more after a [`try_read_uninit`](Self::try_read_uninit) that found nothing.
    #[cfg(feature = "tls")]
    pub(crate) fn wait_after_try(&self) -> io::Result<()> {
        self.fd.wait_after_try()
    }

    /// As [`try_read_uninit`](Self::try_read_uninit), by who alone reads: see [`Fd::try_read_alone`].
    #[cfg(feature = "http")]
    pub(crate) fn try_read_alone(&self, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        self.fd.try_read_alone(buf.len(), |s| socket::recv(s, buf))
    }

    /// As [`wait_after_try`](Self::wait_after_try), likewise.
    #[cfg(feature = "http")]
    pub(crate) fn wait_alone(&self) -> io::Result<()> {
        self.fd.wait_alone()
    }

    /// As `write`, by who alone writes.
    #[cfg(feature = "http")]
    pub(crate) fn write_alone(&self, buf: &[u8]) -> io::Result<usize> {
        self.fd
            .write_alone(buf.len(), |s, done| socket::send(s, &buf[done..]))
    }

    /// As [`wait_after_try`](Self::wait_after_try), until [`nudge`](Self::nudge) at most.
    #[cfg(feature = "http")]
    pub(crate) fn wait_after_try_or(&self, again: &AtomicBool) -> io::Result<()> {
        self.fd.wait_after_try_or(again)
    }

    /// See [`Fd::nudge`].
    #[cfg(feature = "http")]
    pub(crate) fn nudge(&self) {
        self.fd.nudge();
    }

    /// Writes what there is room for; `WouldBlock` if there is none.
    #[cfg(feature = "http")]
    pub(crate) fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.fd.try_write(|s| socket::send(s, buf))
    }

    /// The same of several pieces.
    #[cfg(feature = "http")]
    pub(crate) fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.fd.try_write(|s| socket::send_vectored(s, bufs))
    }

    /// Waits for room after a [`try_write`](Self::try_write) that found none.
    #[cfg(feature = "http")]
    pub(crate) fn wait_writable(&self) -> io::Result<()> {
        self.fd.wait_writable()
    }

    /// Sets the read deadline on the runtime's own clock.
    #[cfg(feature = "http")]
    pub(crate) fn set_read_due(&self, due: Option<i64>) {
        self.fd.set_due(Direction::Read, due);
    }

    /// Gives reads `limit` from now; zero: as long as it takes.
    #[cfg(feature = "http")]
    pub(crate) fn set_read_limit(&self, limit: Duration) {
        self.fd.set_limit(Direction::Read, limit);
    }

    /// Ends the writes of this stream from elsewhere.
    pub(super) fn interrupter(&self) -> Interrupter {
        self.fd.interrupter()
    }

    /// Has a simultaneous open connected the socket to itself? It happens when the port asked for
    /// is free and in the range of local ports.
    fn met_itself(&self) -> bool {
        matches!((self.local_addr(), self.peer_addr()), (Ok(a), Ok(b)) if a == b)
    }

    /// Takes over a socket in non-blocking mode.
    pub(super) fn adopt(stream: std::net::TcpStream) -> io::Result<TcpStream> {
        Ok(TcpStream {
            fd: Fd::new(stream)?,
        })
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.fd.get()?.peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    /// As [`peer_addr`](Self::peer_addr).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.fd.get()?.local_addr()
    }

    /// Closes one half or both of the connection (Go's `CloseRead`, `CloseWrite`): after
    /// `Shutdown::Write` the peer reads the end of the stream.
    ///
    /// # Errors
    /// The kernel's, `NotConnected` for instance.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.fd.get()?.shutdown(how)
    }

    /// A second handle on the same connection, with deadlines of its own.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<TcpStream> {
        Self::adopt(self.fd.get()?.try_clone()?)
    }

    /// Reads without consuming.
    ///
    /// # Errors
    /// As `read`.
    pub fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.fd.read(|s| s.peek(buf))
    }

    /// Waits until a `read` would not block: there is data, the end of the stream, or an error.
    ///
    /// A goroutine that waits here needs no read buffer, so ten thousand idle connections need
    /// none. Fetch the buffer afterwards, in a function of its own if it is a local array.
    ///
    /// # Errors
    /// As `read`: `i/o timeout`, `use of closed network connection`, the kernel's.
    pub fn wait_readable(&self) -> io::Result<()> {
        self.fd.wait_readable(|s| s.peek(&mut [0]))
    }

    /// Sends small writes at once (`true`, the default here as in Go) or gathers them.
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.fd.get()?.set_nodelay(nodelay)
    }

    /// What [`set_nodelay`](Self::set_nodelay) has set.
    ///
    /// # Errors
    /// The kernel's.
    pub fn nodelay(&self) -> io::Result<bool> {
        self.fd.get()?.nodelay()
    }

    /// Probes a silent peer every `period`; `None`: never (Go's `SetKeepAlivePeriod`; 15 s at
    /// first).
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_keepalive(&self, period: Option<Duration>) -> io::Result<()> {
        socket::set_keepalive(self.fd.get()?, period)
    }

    /// What closing does with data that is not sent yet (Go's `SetLinger`): `None` sends it in the
    /// background, zero throws it away and resets the connection.
    ///
    /// # Errors
    /// The kernel's.
    pub fn set_linger(&self, linger: Option<Duration>) -> io::Result<()> {
        socket::set_linger(self.fd.get()?, linger)
    }
}

super::std_methods!(TcpStream, ttl);
super::deadline_methods!(TcpStream);
super::descriptor_traits!(TcpStream, std::net::TcpStream);

impl Read for &TcpStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.fd.read_stream(buf.len(), |mut s| s.read(buf))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.fd.read(|mut s| s.read_vectored(bufs))
    }
}

impl Write for &TcpStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.fd
            .write_stream(buf.len(), |s, done| socket::send(s, &buf[done..]))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.fd.write(|s| socket::send_vectored(s, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

super::read_write_by_ref!(TcpStream);

/// Listens for TCP connections: std's, but `accept` suspends the goroutine (Go's
/// `net.TCPListener`).
///
/// As many connections wait to be accepted as the system allows (`somaxconn`). The port may be
/// bound again at once after the listener is gone.
///
/// # Suspends
/// `accept` and `close`.
///
/// ```
/// use goroutines::net::TcpListener;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// assert_ne!(listener.local_addr()?.port(), 0);
/// # std::io::Result::Ok(())
/// ```
pub struct TcpListener {
    fd: Fd<std::net::TcpListener>,
}

impl TcpListener {
    /// Listens on the first of `addr`'s addresses that can be bound; port 0 lets the system choose.
    ///
    /// # Errors
    /// The kernel's, `AddrInUse` for instance.
    pub fn bind(addr: impl ToSocketAddrs) -> io::Result<TcpListener> {
        let listener = blocking(|| std::net::TcpListener::bind(addr))?;
        socket::long_backlog(&listener)?;
        socket::tune(&listener)?;
        Self::from_std(listener)
    }

    /// Waits for a connection.
    ///
    /// A connection that broke off while it waited is passed over. When the process has run out of
    /// descriptors or memory it waits for some, looking ever more rarely (5 ms to 1 s), so a server
    /// survives that and does not spin.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close), `i/o timeout` after the
    /// deadline, or the kernel's.
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        super::accept::accept(&self.fd, |listener| {
            let (fd, addr) = socket::accept(listener)?;
            Ok((fd, addr.as_socket()))
        })
        .and_then(|(fd, addr)| {
            let stream = TcpStream::adopt(fd.into())?;
            let addr = addr.map_or_else(|| stream.peer_addr(), Ok)?;
            Ok((stream, addr))
        })
    }

    /// Accepts again and again; never ends, not with an error either.
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming { listener: self }
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.fd.get()?.local_addr()
    }

    /// A second handle on the same listener, with a deadline of its own.
    ///
    /// # Errors
    /// The kernel's, `EMFILE` for instance.
    pub fn try_clone(&self) -> io::Result<TcpListener> {
        Ok(TcpListener {
            fd: Fd::new(self.fd.get()?.try_clone()?)?,
        })
    }

    /// Makes [`accept`](Self::accept) fail with `i/o timeout` from `deadline` on (Go's
    /// `SetDeadline`); `None` clears it.
    ///
    /// # Errors
    /// `use of closed network connection` after [`close`](Self::close).
    pub fn set_deadline(&self, deadline: impl Into<Option<Instant>>) -> io::Result<()> {
        self.fd.set_deadline(Direction::Read, deadline.into())
    }

    /// Stops listening, at once: a goroutine blocked in [`accept`](Self::accept) gets `use of
    /// closed network connection`, and the port is free.
    ///
    /// # Errors
    /// `use of closed network connection` if it was closed before.
    pub fn close(&self) -> io::Result<()> {
        self.fd.close()
    }
}

super::std_methods!(TcpListener, ttl);
super::descriptor_traits!(TcpListener, std::net::TcpListener);

/// The connections of a [`TcpListener`], one after the other.
#[derive(Debug)]
pub struct Incoming<'a> {
    listener: &'a TcpListener,
}

impl Iterator for Incoming<'_> {
    type Item = io::Result<TcpStream>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.listener.accept().map(|(stream, _)| stream))
    }
}
