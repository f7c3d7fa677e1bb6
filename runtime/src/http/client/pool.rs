//! The connections of a client that wait for a request.

use super::link::Link;
use crate::sync::Mutex;
use crate::time;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Where a connection leads: scheme, host and port, and the proxy before them.
pub(super) type Key = Arc<str>;

/// The connections of a client and its clones.
pub(super) struct Pool {
    idle: Mutex<Idle>,
    /// Who has sent heads with very many fields: hyper pays for their number at every answer, so few are
    /// allowed until then.
    large: Mutex<HashSet<Key>>,
    per_host: usize,
    timeout: Option<Duration>,
}

#[derive(Default)]
struct Idle {
    by_key: HashMap<Key, Vec<Kept>>,
    /// Somebody will look for those that have been idle for too long.
    swept: bool,
}

struct Kept {
    link: Link,
    since: Instant,
}

impl Pool {
    pub(super) fn new(per_host: usize, timeout: Option<Duration>) -> Arc<Pool> {
        Arc::new(Pool {
            idle: Mutex::default(),
            large: Mutex::default(),
            per_host,
            timeout,
        })
    }

    /// The connection to `key` that was used last, if there is one that lives.
    pub(super) fn take(&self, key: &str) -> Option<Link> {
        loop {
            let kept = self.idle.lock().by_key.get_mut(key)?.pop()?;
            // Its end is dropped here, not under the lock.
            if kept.link.sender.is_ready() && !self.is_over(&kept, Instant::now()) {
                return Some(kept.link);
            }
        }
    }

    /// Keeps a connection that waits for a request.
    pub(super) fn put(self: &Arc<Self>, key: &Key, link: Link) {
        let since = Instant::now();
        let mut idle = self.idle.lock();
        let all = idle.by_key.entry(key.clone()).or_default();
        if all.len() >= self.per_host {
            drop(idle);
            return;
        }
        all.push(Kept { link, since });
        if !std::mem::replace(&mut idle.swept, true) {
            drop(idle);
            self.sweep_later();
        }
    }

    /// Are large heads expected from there?
    pub(super) fn expects_large(&self, key: &str) -> bool {
        self.large.lock().contains(key)
    }

    /// They are, from now on. Says whether that is new.
    pub(super) fn expect_large(&self, key: &Key) -> bool {
        let new = self.large.lock().insert(key.clone());
        if new {
            let kept = self.idle.lock().by_key.remove(key);
            drop(kept);
        }
        new
    }

    fn is_over(&self, kept: &Kept, now: Instant) -> bool {
        let idle = now.saturating_duration_since(kept.since);
        self.timeout.is_some_and(|timeout| idle >= timeout)
    }

    /// How long a connection that has ended may stay in the list; one that is idle for too long, open.
    fn sweep_later(self: &Arc<Self>) {
        const DEAD: Duration = Duration::from_secs(30);
        let pause = self.timeout.map_or(DEAD, |timeout| timeout.min(DEAD));
        let pool = Arc::downgrade(self);
        time::after_func(pause, move || Self::sweep(&pool));
    }

    fn sweep(pool: &Weak<Pool>) {
        let Some(pool) = pool.upgrade() else {
            return;
        };
        let now = Instant::now();
        let mut over = Vec::new();
        let mut idle = pool.idle.lock();
        idle.by_key.retain(|_, all| {
            over.extend(all.extract_if(.., |k| k.link.sender.is_closed() || pool.is_over(k, now)));
            !all.is_empty()
        });
        idle.swept = !idle.by_key.is_empty();
        let again = idle.swept;
        drop(idle);
        drop(over);
        if again {
            pool.sweep_later();
        }
    }

    /// Closes what is idle (Go's `CloseIdleConnections`).
    pub(super) fn clear(&self) {
        let all = std::mem::take(&mut self.idle.lock().by_key);
        drop(all);
    }
}
