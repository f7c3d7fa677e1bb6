//! What the handles and the connections of a server share.

use super::Handler;
use super::way::Usual;
use crate::chan::{Receiver, Sender, channel};
use crate::context::{self, CancelFunc, Context};
use crate::net::Listener;
use crate::sync::Mutex;
use crate::sys::barrier;
use hyper::http::{Method, Uri};
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What all handles and connections share.
pub(super) struct Inner {
    pub(super) addr: String,
    pub(super) handler: Box<dyn Handler>,
    pub(super) config: Mutex<Config>,
    pub(super) log: Mutex<Option<Arc<Log>>>,
    #[cfg(feature = "tls")]
    pub(super) tls: Mutex<Option<Arc<rustls::ServerConfig>>>,
    /// The parent of all requests' contexts; cancelled by `close`.
    pub(super) context: Context,
    pub(super) cancel: CancelFunc,
    ending: AtomicBool,
    pub(super) usual: Usual,
    pub(super) state: Mutex<State>,
    /// Closed when the last connection has ended after `ending`.
    pub(super) all_ended: (Mutex<Option<Sender<()>>>, Receiver<()>),
}

/// A connection, as the server's end sees it.
pub(super) trait Served: Send + Sync {
    /// No request after those that have begun; and the end, when they are answered.
    fn end_in_order(&self);

    /// The end at once.
    fn cut_off(&self);
}

/// Takes a line that tells what went wrong.
pub(super) type Log = dyn Fn(&str) + Send + Sync;

#[derive(Default)]
pub(super) struct State {
    /// At the server's own address.
    pub(super) listener: Option<Arc<Listener>>,
    pub(super) others: Vec<Arc<Listener>>,
    pub(super) connections: HashMap<u64, Arc<dyn Served>>,
    next: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Config {
    pub(super) read_header_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) max_header_bytes: usize,
    /// At once, on a connection of HTTP/2.
    #[cfg(feature = "http2")]
    pub(super) max_streams: u32,
    /// HTTP/2 where there is no TLS.
    #[cfg(feature = "http2")]
    pub(super) unencrypted_http2: bool,
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
            #[cfg(feature = "http2")]
            max_streams: 250,
            #[cfg(feature = "http2")]
            unencrypted_http2: false,
            stack_size: 0,
        }
    }
}

impl Inner {
    pub(super) fn new(addr: String, handler: Box<dyn Handler>) -> Inner {
        let (context, cancel) = context::with_cancel(&context::background());
        let (tx, rx) = channel(0);
        Inner {
            addr,
            handler,
            config: Mutex::default(),
            log: Mutex::new(None),
            #[cfg(feature = "tls")]
            tls: Mutex::new(None),
            context,
            cancel,
            ending: AtomicBool::new(false),
            usual: Usual::default(),
            state: Mutex::default(),
            all_ended: (Mutex::new(Some(tx)), rx),
        }
    }

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

    /// Tells the operator what went wrong with a request of `peer`.
    pub(super) fn report(
        &self,
        peer: SocketAddr,
        asked: Option<(&Method, &Uri)>,
        what: &dyn fmt::Display,
    ) {
        match asked {
            Some((method, uri)) => {
                let path = uri.path();
                self.log(&format!("http: serving {peer}: {method} {path}: {what}"));
            }
            None => self.log(&format!("http: serving {peer}: {what}")),
        }
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// Adds a connection; `None`: the server is ending.
    pub(super) fn register(self: &Arc<Self>, conn: Arc<dyn Served>) -> Option<Registered> {
        let mut state = self.state.lock();
        if self.is_ending() {
            return None;
        }
        let id = state.next;
        state.next += 1;
        state.connections.insert(id, conn);
        Some(Registered(self.clone(), id))
    }

    /// Begins the end: no more connections. Returns those that there are.
    pub(super) fn end(&self) -> Vec<Arc<dyn Served>> {
        let mut state = self.state.lock();
        // Under the lock: a connection that registers has seen it or is in the list.
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
        let all = state.connections.values().cloned().collect();
        drop(state);
        // Before they are told: see `phase`.
        barrier::heavy();
        all
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
