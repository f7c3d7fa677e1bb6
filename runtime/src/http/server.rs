//! [`Server`]: listening, a goroutine per connection, and an orderly end.

use super::shared::Inner;
use super::socket::Socket;
use super::{Handler, serve};
use crate::context::{Context, ContextError};
use crate::net::{self, Listener};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// An HTTP server (Go's `http.Server`). Clones are handles to the same one.
///
/// Slow clients cannot hold it up: each of the times below ends a connection that exceeds it.
///
/// | what | unless set |
/// | --- | --- |
/// | [`read_header_timeout`](Self::read_header_timeout): all of a request's head | 30 s |
/// | [`read_timeout`](Self::read_timeout): the next piece of a body | 60 s |
/// | [`write_timeout`](Self::write_timeout): any progress in sending | 60 s |
/// | [`idle_timeout`](Self::idle_timeout): between two requests | 120 s |
/// | [`max_header_bytes`](Self::max_header_bytes) | 1 MiB |
///
/// A connection of HTTP/2 is idle while no request is under way on it, whatever else its client sends. A
/// client of HTTP/2 that waits for a `100 Continue` gets none, since hyper sends none there, and sends its body
/// when it has waited for long enough.
///
/// ```
/// use goroutines::context;
/// use goroutines::http::{self, Request, Server};
///
/// let server = Server::new("127.0.0.1:0", |req: &Request| format!("you want {}", req.path()));
/// let addr = server.local_addr()?;
/// goroutines::go!([server], { server.serve().unwrap() });
///
/// assert_eq!(http::get(format!("http://{addr}/it"))?.text()?, "you want /it");
/// server.shutdown(&context::background())?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone)]
pub struct Server(Arc<Inner>);

impl Server {
    /// A server that will listen on `addr` (`host:port`; an empty host means all addresses of this
    /// machine, port 0 any free one).
    pub fn new(addr: impl fmt::Display, handler: impl Handler) -> Server {
        Server(Arc::new(Inner::new(addr.to_string(), Box::new(handler))))
    }

    /// How long the head of a request may take, from its first byte; zero: for ever.
    #[must_use]
    pub fn read_header_timeout(self, limit: Duration) -> Server {
        self.0.config.lock().read_header_timeout = limit;
        self
    }

    /// How long a handler waits for the next piece of a body; zero: for ever.
    #[must_use]
    pub fn read_timeout(self, limit: Duration) -> Server {
        self.0.config.lock().read_timeout = limit;
        self
    }

    /// How long an answer may make no progress at all; zero: for ever. A client that reads slowly but
    /// steadily is kept.
    #[must_use]
    pub fn write_timeout(self, limit: Duration) -> Server {
        self.0.config.lock().write_timeout = limit;
        self
    }

    /// How long a connection may be idle before its first and between its requests; zero: for ever.
    #[must_use]
    pub fn idle_timeout(self, limit: Duration) -> Server {
        self.0.config.lock().idle_timeout = limit;
        self
    }

    /// How large the head of a request may be, which may have 10,000 fields. One of more than 100 may be refused,
    /// by 431, if it was received at once with what stands before it, a pipelined request or the end of a body, and
    /// these were more than 8 KiB or ended in a digit.
    #[must_use]
    pub fn max_header_bytes(self, limit: usize) -> Server {
        self.0.config.lock().max_header_bytes = limit;
        self
    }

    /// How many requests a client may have under way at once on a connection of HTTP/2; 250 unless set.
    /// For the feature `http2`.
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn max_concurrent_streams(self, limit: u32) -> Server {
        self.0.config.lock().max_streams = limit;
        self
    }

    /// Speaks HTTP/2 without TLS, too, with clients that begin with it ("prior knowledge"), on TCP. For
    /// the feature `http2`.
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn unencrypted_http2(self) -> Server {
        self.0.config.lock().unencrypted_http2 = true;
        self
    }

    /// How many bytes of stack are free when a handler begins: as
    /// [`with_stack`](crate::with_stack::with_stack). Unless set, as many as an ordinary goroutine has.
    #[must_use]
    pub fn stack_size(self, bytes: usize) -> Server {
        self.0.config.lock().stack_size = bytes;
        self
    }

    /// Where a line goes for each panic of a handler and each answer that could not be sent as it was,
    /// with the client's address, method and path (Go's `ErrorLog`); standard error unless set.
    ///
    /// ```
    /// use goroutines::http::{Request, Server};
    ///
    /// let server = Server::new("127.0.0.1:0", |_: &Request| "hello")
    ///     .error_log(|line| eprintln!("[web] {line}"));
    /// ```
    #[must_use]
    pub fn error_log(self, log: impl Fn(&str) + Send + Sync + 'static) -> Server {
        let old = self.0.log.lock().replace(Arc::new(log));
        drop(old);
        self
    }

    /// Speaks TLS on its TCP connections (Go's `ServeTLS`), as `config` says, to which rustls' provider
    /// belongs. With the feature `http2` it offers that, unless `config` names protocols (ALPN) itself. For
    /// the feature `tls`.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(self, config: impl Into<Arc<rustls::ServerConfig>>) -> Server {
        let config = config.into();
        #[cfg(feature = "http2")]
        let config = super::http2::offered(config, |c| &mut c.alpn_protocols);
        let old = self.0.tls.lock().replace(config);
        drop(old);
        self
    }

    /// The address it listens on. Begins to listen, if it has not: connections wait until
    /// [`serve`](Self::serve).
    ///
    /// # Errors
    /// Those of listening.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &*self.listener()? {
            Listener::Tcp(listener) => listener.local_addr(),
            Listener::Unix(_) => unreachable!("what listens on TCP is a TCP listener"),
        }
    }

    /// Serves connections until [`shutdown`](Self::shutdown) or [`close`](Self::close) (Go's
    /// `ListenAndServe`).
    ///
    /// # Errors
    /// Those of listening and accepting.
    ///
    /// # Suspends
    /// Until the server ends.
    pub fn serve(&self) -> io::Result<()> {
        match self.listener() {
            Err(_) if self.0.is_ending() => Ok(()),
            Err(e) => Err(e),
            Ok(listener) => self.accept_all(&listener),
        }
    }

    /// Serves connections of a listener of your own (Go's `Serve`): a
    /// [`TcpListener`](crate::net::TcpListener), a [`UnixListener`](crate::net::UnixListener), one that
    /// was inherited. It may be called for several. The server closes them when it ends.
    ///
    /// ```
    /// use goroutines::http::{Request, Server};
    /// use goroutines::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let addr = listener.local_addr()?;
    /// let server = Server::new("", |_: &Request| "hello");
    /// goroutines::go!([server], { server.serve_on(listener).unwrap() });
    ///
    /// assert_eq!(goroutines::http::get(format!("http://{addr}/"))?.text()?, "hello");
    /// # server.close()?;
    /// # std::io::Result::Ok(())
    /// ```
    ///
    /// # Errors
    /// Those of accepting; `http: Server closed` if it has ended before.
    ///
    /// # Suspends
    /// Until the server ends.
    pub fn serve_on(&self, listener: impl Into<Listener>) -> io::Result<()> {
        let listener = Arc::new(listener.into());
        {
            let mut state = self.0.state.lock();
            if self.0.is_ending() {
                return Err(closed());
            }
            state.others.push(listener.clone());
        }
        self.accept_all(&listener)
    }

    fn accept_all(&self, listener: &Listener) -> io::Result<()> {
        /// Where connections come from that have no address.
        const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        loop {
            let accepted = match listener {
                Listener::Tcp(l) => l.accept().map(|(s, peer)| (Socket::Tcp(s), peer)),
                Listener::Unix(l) => l.accept().map(|(s, _)| (Socket::Unix(s), NOWHERE)),
            };
            match accepted {
                Ok((socket, peer)) => {
                    let inner = self.0.clone();
                    crate::go!(move || serve::serve(&inner, socket, peer));
                }
                Err(_) if self.0.is_ending() => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    /// Ends in good order (Go's `Shutdown`): no new connections, idle ones are closed, the others
    /// finish the request that they are answering. Returns when all are gone.
    ///
    /// # Errors
    /// `ctx`'s error if it is done before that; then [`close`](Self::close) cuts off the rest.
    ///
    /// # Suspends
    /// Until all connections have ended.
    pub fn shutdown(&self, ctx: &Context) -> io::Result<()> {
        for conn in self.0.end() {
            conn.end_in_order();
        }
        let (all_ended, done) = (&self.0.all_ended.1, ctx.done());
        crate::select! {
            biased;
            <-all_ended => Ok(()),
            <-done => Err(ctx.err().unwrap_or(ContextError::Canceled).into()),
        }
    }

    /// Ends at once (Go's `Close`): all connections are cut off, and the contexts of their requests
    /// cancelled. Handlers that run are not waited for.
    ///
    /// # Errors
    /// None yet.
    ///
    /// # Suspends
    /// For a moment.
    pub fn close(&self) -> io::Result<()> {
        for conn in self.0.end() {
            conn.cut_off();
        }
        // After that: what a handler answers then is not sent.
        (self.0.cancel)();
        Ok(())
    }

    fn listener(&self) -> io::Result<Arc<Listener>> {
        let mut state = self.0.state.lock();
        if self.0.is_ending() {
            return Err(closed());
        }
        if let Some(listener) = &state.listener {
            return Ok(listener.clone());
        }
        let listener = Arc::new(net::listen("tcp", &self.0.addr)?);
        state.listener = Some(listener.clone());
        Ok(listener)
    }
}

/// Go's `ErrServerClosed`.
fn closed() -> io::Error {
    io::Error::other("http: Server closed")
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addr", &self.0.addr)
            .field("connections", &self.0.state.lock().connections.len())
            .finish_non_exhaustive()
    }
}
