//! [`Multi`]: a connection on which many requests are under way at once.

use super::life::{Life, Verdict};
use crate::http::line::Line;
use crate::http::shared::{Config, Inner, Served};
use crate::panic::Panic;
use crate::time;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    pub(super) life: Life,
    /// Handlers, and readers that they have returned, that run. There may be more than streams: the client can give up its requests.
    handlers: AtomicUsize,
    /// A goroutine watches a head that comes in.
    head_watched: AtomicBool,
    /// The client is told, or was, that there will be no more requests.
    ending: AtomicBool,
}

impl Multi {
    /// Of `line`, which no other connection has.
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
            life: Life::new(),
            handlers: AtomicUsize::new(0),
            head_watched: AtomicBool::new(false),
            ending: AtomicBool::new(false),
        })
    }

    /// From now on it is ended when it has been idle for too long.
    pub(super) fn watch(&self) {
        let Config {
            idle_timeout,
            write_timeout,
            ..
        } = self.config;
        if !(idle_timeout.is_zero() && write_timeout.is_zero()) {
            self.look();
        }
    }

    /// Tells the operator that hyper has panicked, if it has.
    pub(super) fn report(&self, ended: Result<(), Panic>) {
        if let Err(panic) = ended {
            let what = format!("panic in HTTP/2: {}", panic.text());
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
        // Handlers of requests that the client has given up count too, or giving up requests would start handlers
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

    /// A part of a head has come, and not its end.
    pub(super) fn head_comes(&self) {
        let limit = self.config.read_header_timeout;
        let first = self.life.head_comes();
        if first && !limit.is_zero() && !self.head_watched.swap(true, Ordering::SeqCst) {
            self.after(limit, Self::look_at_head);
        }
    }

    pub(super) fn head_ends(&self) {
        self.life.head_ends();
    }

    fn look_at_head(&self) {
        let limit = self.config.read_header_timeout;
        match self.life.look_at_head(limit) {
            Some(Verdict::End) => self.line.close(),
            Some(Verdict::LookAfter(pause)) => self.after(pause, Self::look_at_head),
            None => {
                self.head_watched.store(false, Ordering::SeqCst);
                // One may have begun to come just before.
                let comes = self.life.look_at_head(limit).is_some();
                if comes && !self.head_watched.swap(true, Ordering::SeqCst) {
                    self.after(limit, Self::look_at_head);
                }
            }
        }
    }

    /// No requests after those that have begun, as a handler wants it.
    pub(super) fn last_streams(&self) {
        self.end_in_order();
    }

    fn after(&self, pause: Duration, look: fn(&Multi)) {
        let me = self.me.clone();
        time::after_func(pause, move || {
            if let Some(multi) = me.upgrade() {
                look(&multi);
            }
        });
    }

    /// Looks again and again whether the client is to be told of the end.
    fn look(&self) {
        if self.is_ending() {
            return;
        }
        match self.life.look(&self.config) {
            Verdict::End => self.end_in_order(),
            Verdict::LookAfter(pause) => self.after(pause, Self::look),
        }
    }

    /// The client was told: looks again and again whether it is to be cut off.
    fn look_at_end(&self) {
        match self.life.look_at_end(&self.config, self.line.is_full()) {
            Verdict::End => self.line.close(),
            Verdict::LookAfter(pause) => self.after(pause, Self::look_at_end),
        }
    }
}

impl Served for Multi {
    fn end_in_order(&self) {
        if !self.ending.swap(true, Ordering::SeqCst) {
            self.line.wake_by_ref();
            self.life.ends();
            self.look_at_end();
        }
    }

    fn cut_off(&self) {
        self.line.close();
    }
}
