//! [`Multi`]: a connection on which many requests are under way at once.

use crate::http::line::Line;
use crate::http::shared::{Config, Inner, Served};
use crate::panic::Panic;
use crate::time;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::Wake as _;
use std::time::Duration;

/// A connection of HTTP/2, shared with its requests.
pub(super) struct Multi {
    me: Weak<Multi>,
    line: Arc<Line>,
    pub(super) peer: SocketAddr,
    pub(super) server: Arc<Inner>,
    pub(super) config: Config,
    /// Requests whose answers have not been sent.
    streams: AtomicUsize,
    /// Handlers, and readers that they have returned, that run. There may be more than streams: the client can give up its requests.
    handlers: AtomicUsize,
    /// How much the line had moved at the last look, and how many looks in a row have found it quiet.
    moved: AtomicU64,
    quiet: AtomicU32,
    /// The client is told, or was, that there will be no more requests.
    ending: AtomicBool,
}

impl Multi {
    /// Of `line`, which nobody else has.
    pub(super) fn new(
        server: &Arc<Inner>,
        line: &Arc<Line>,
        peer: SocketAddr,
        config: Config,
    ) -> Arc<Multi> {
        Arc::new_cyclic(|me| Multi {
            me: me.clone(),
            line: line.clone(),
            peer,
            server: server.clone(),
            config,
            streams: AtomicUsize::new(0),
            handlers: AtomicUsize::new(0),
            moved: AtomicU64::new(0),
            quiet: AtomicU32::new(0),
            ending: AtomicBool::new(false),
        })
    }

    /// From now on it is ended when it has been idle for too long.
    pub(super) fn watch(&self) {
        if !self.config.idle_timeout.is_zero() {
            self.look_after(self.config.idle_timeout / LOOKS);
        }
    }

    /// Tells the operator that hyper has panicked, if it has.
    pub(super) fn report(&self, ended: Result<(), Panic>) {
        if let Err(panic) = ended {
            let what = format_args!("panic in HTTP/2: {}", panic.text());
            self.server.report(self.peer, None, &what);
        }
    }

    /// Are there to be no more requests?
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }

    /// A request begins; `false`: there are too many handlers. Else [`handler_ends`](Self::handler_ends) is
    /// called when neither the handler nor what it has returned runs any more.
    pub(super) fn handler_begins(&self) -> bool {
        // Relaxed: a count of its own.
        let running = self.handlers.fetch_add(1, Ordering::Relaxed);
        // Those of requests that the client has given up count too, or giving up would start handlers
        // without end. One whose answer has just been sent may still be counted: hence the double.
        let may = running < 2 * self.config.max_streams as usize;
        if !may {
            self.handler_ends();
        }
        may
    }

    pub(super) fn handler_ends(&self) {
        self.handlers.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn stream_begins(&self) {
        self.streams.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn stream_ends(&self) {
        self.streams.fetch_sub(1, Ordering::SeqCst);
    }

    /// No requests after those that have begun, as a handler wants it.
    pub(super) fn last_streams(&self) {
        self.end_in_order();
    }

    /// Looks, after that time, whether the connection should end.
    fn look_after(&self, pause: Duration) {
        let me = self.me.clone();
        time::after_func(pause, move || {
            if let Some(multi) = me.upgrade() {
                multi.look();
            }
        });
    }

    /// An answer may have gone from us to hyper and not yet to the client. So it is quiet when there is
    /// nothing to answer and nothing has moved for a while.
    fn look(&self) {
        let moved = self.line.moved();
        let same = self.moved.swap(moved, Ordering::SeqCst) == moved;
        let quiet = match same && self.streams.load(Ordering::SeqCst) == 0 {
            true => self.quiet.fetch_add(1, Ordering::SeqCst) + 1,
            false => {
                self.quiet.store(0, Ordering::SeqCst);
                0
            }
        };
        match self.ending.load(Ordering::SeqCst) {
            // The client was told, and does not close.
            true if quiet >= LOOKS => self.line.close(),
            true => self.look_after(GRACE / LOOKS),
            false if quiet >= LOOKS => self.end_in_order(),
            false => self.look_after(self.config.idle_timeout / LOOKS),
        }
    }
}

/// How long a client that was told of the end may do nothing, not even close.
const GRACE: Duration = Duration::from_secs(5);

/// How often, in such a time, the connection is looked at.
const LOOKS: u32 = 5;

impl Served for Multi {
    fn end_in_order(&self) {
        if !self.ending.swap(true, Ordering::SeqCst) {
            self.line.wake_by_ref();
            self.quiet.store(0, Ordering::SeqCst);
            self.look_after(GRACE / LOOKS);
        }
    }

    fn cut_off(&self) {
        self.line.close();
    }
}
