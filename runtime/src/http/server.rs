//! [`Server`]: listening, a goroutine per connection, and an orderly end.

use super::socket::Socket;
use super::wire::Wire;
use super::{Handler, conn};
use crate::chan::{Receiver, Sender, channel};
use crate::context::{self, CancelFunc, Context, ContextError};
use crate::net::{self, Listener};
use crate::sync::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An HTTP/1.1 server (Go's `http.Server`). Clones are handles to the same one.
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

/// What all handles and connections share.
pub(super) struct Inner {
    addr: String,
    pub(super) handler: Box<dyn Handler>,
    config: Mutex<Config>,
    log: Mutex<Option<Arc<Log>>>,
    /// The parent of all requests' contexts; cancelled by `close`.
    pub(super) context: Context,
    cancel: CancelFunc,
    ending: AtomicBool,
    state: Mutex<State>,
    /// Closed when the last connection has ended after `ending`.
    all_ended: (Mutex<Option<Sender<()>>>, Receiver<()>),
}

/// Takes a line that tells what went wrong.
type Log = dyn Fn(&str) + Send + Sync;

#[derive(Default)]
struct State {
    /// At the server's own address.
    listener: Option<Arc<Listener>>,
    others: Vec<Arc<Listener>>,
    connections: HashMap<u64, Arc<Wire>>,
    next: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Config {
    pub(super) read_header_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) max_header_bytes: usize,
    /// 0: an ordinary goroutine's.
    pub(super) stack_size: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            read_header_timeout: Duration::from_secs(30),
            read_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(120),
            max_header_bytes: 1 << 20,
            stack_size: 0,
        }
    }
}

impl Server {
    /// A server that will listen on `addr` (`host:port`; an empty host means all addresses of this
    /// machine, port 0 any free one).
    pub fn new(addr: impl fmt::Display, handler: impl Handler) -> Server {
        let (context, cancel) = context::with_cancel(&context::background());
        let (tx, rx) = channel(0);
        Server(Arc::new(Inner {
            addr: addr.to_string(),
            handler: Box::new(handler),
            config: Mutex::default(),
            log: Mutex::new(None),
            context,
            cancel,
            ending: AtomicBool::new(false),
            state: Mutex::default(),
            all_ended: (Mutex::new(Some(tx)), rx),
        }))
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

    /// How long an answer may make no progress at all; zero: for ever. A client that reads slowly and
    /// steadily lives.
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

    /// How large the head of a request may be, which may have 10,000 fields.
    #[must_use]
    pub fn max_header_bytes(self, limit: usize) -> Server {
        self.0.config.lock().max_header_bytes = limit;
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
        /// Where those come from that have no address.
        const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        loop {
            let accepted = match listener {
                Listener::Tcp(l) => l.accept().map(|(s, peer)| (Socket::Tcp(s), peer)),
                Listener::Unix(l) => l.accept().map(|(s, _)| (Socket::Unix(s), NOWHERE)),
            };
            match accepted {
                Ok((socket, peer)) => {
                    let inner = self.0.clone();
                    crate::go!(move || conn::serve(&inner, socket, peer));
                }
                Err(_) if self.0.is_ending() => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    /// Ends in good order (Go's `Shutdown`): no new connections, idle ones are closed, the others
    /// answer the request they are at. Returns when all are gone.
    ///
    /// # Errors
    /// `ctx`'s error if it is done before that; then [`close`](Self::close) cuts off the rest.
    ///
    /// # Suspends
    /// Until all connections have ended.
    pub fn shutdown(&self, ctx: &Context) -> io::Result<()> {
        let wires = self.0.end();
        for wire in wires {
            wire.end_if_idle();
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
        let wires = self.0.end();
        (self.0.cancel)();
        for wire in wires {
            // It may be closed already.
            let _ = wire.stream.close();
        }
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

impl Inner {
    pub(super) fn config(&self) -> Config {
        *self.config.lock()
    }

    pub(super) fn log(&self, line: &str) {
        let log = self.log.lock().clone();
        match log {
            Some(log) => log(line),
            None => eprintln!("{line}"),
        }
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Adds a connection; `None`: the server is ending.
    pub(super) fn register(self: &Arc<Self>, wire: &Arc<Wire>) -> Option<Registered> {
        let mut state = self.state.lock();
        if self.is_ending() {
            return None;
        }
        let id = state.next;
        state.next += 1;
        state.connections.insert(id, wire.clone());
        Some(Registered(self.clone(), id))
    }

    /// Begins the end: no more connections. Returns those that there are.
    fn end(&self) -> Vec<Arc<Wire>> {
        let mut state = self.state.lock();
        // Under the lock: whoever registers has seen it or is in the list.
        self.ending.store(true, Ordering::SeqCst);
        let state_ref = &mut *state;
        for listener in state_ref
            .listener
            .take()
            .into_iter()
            .chain(state_ref.others.drain(..))
        {
            let _ = listener.close();
        }
        self.tell_if_all_ended(&state);
        state.connections.values().cloned().collect()
    }

    fn tell_if_all_ended(&self, state: &State) {
        if self.is_ending() && state.connections.is_empty() {
            self.all_ended.0.lock().take();
        }
    }
}

/// A connection's place in the server's list.
pub(super) struct Registered(Arc<Inner>, u64);

impl Drop for Registered {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.connections.remove(&self.1);
        self.0.tell_if_all_ended(&state);
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addr", &self.0.addr)
            .field("connections", &self.0.state.lock().connections.len())
            .finish_non_exhaustive()
    }
}
