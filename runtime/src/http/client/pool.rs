//! The connections of a client that wait for a request.

use super::link::{Link, OneLink};
#[cfg(feature = "http2")]
use super::shared_link::SharedLink;
use crate::sync::{Mutex, MutexGuard};
use crate::time;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// Where a connection leads: scheme, host and port, and the proxy before them.
pub(super) type Key = Arc<str>;

/// The connections of a client and its clones.
pub(super) struct Pool {
    idle: Mutex<Idle>,
    /// Servers that have sent heads with very many fields: hyper pays for the limit at every answer, so
    /// only few fields are allowed before that.
    large: Mutex<HashSet<Key>>,
    per_host: usize,
    timeout: Option<Duration>,
}

#[derive(Default)]
struct Idle {
    by_key: HashMap<Key, Vec<Kept>>,
    /// Connections that any request may use.
    #[cfg(feature = "http2")]
    shared: HashMap<Key, Vec<Arc<SharedLink>>>,
    /// A goroutine will look for connections that have been idle for too long.
    swept: bool,
}

struct Kept {
    link: OneLink,
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

    /// A connection to `key` that many use, or the one that was used last, if there is one that lives.
    pub(super) fn take(&self, key: &str) -> Option<Link> {
        #[cfg(feature = "http2")]
        if let Some(link) = self.shared(key) {
            return Some(Link::Shared(link));
        }
        loop {
            let kept = self.idle.lock().by_key.get_mut(key)?.pop()?;
            // Its end is dropped here, not under the lock.
            if kept.link.is_ready() && !self.is_over(&kept, Instant::now()) {
                return Some(Link::One(kept.link));
            }
        }
    }

    /// A connection to `key` that many use, if there is room on one.
    #[cfg(feature = "http2")]
    fn shared(&self, key: &str) -> Option<Arc<SharedLink>> {
        let mut idle = self.idle.lock();
        let all = idle.shared.get_mut(key)?;
        let dead: Vec<_> = all.extract_if(.., |link| link.is_closed()).collect();
        // Others get one here as well, under the lock.
        let found = all.iter().find(|link| link.has_room()).cloned();
        drop(idle);
        drop(dead);
        found
    }

    /// A new connection that many may use: the one to be used, and whether another has made that before.
    #[cfg(feature = "http2")]
    pub(super) fn share(
        self: &Arc<Self>,
        key: &Key,
        link: Arc<SharedLink>,
    ) -> (Arc<SharedLink>, bool) {
        if let Some(other) = self.shared(key) {
            return (other, true);
        }
        let mut idle = self.idle.lock();
        let all = idle.shared.entry(key.clone()).or_default();
        all.push(link.clone());
        self.sweep_if_new(idle);
        (link, false)
    }

    /// Keeps a connection that waits for a request.
    pub(super) fn put(self: &Arc<Self>, key: &Key, link: OneLink) {
        let since = Instant::now();
        let mut idle = self.idle.lock();
        let all = idle.by_key.entry(key.clone()).or_default();
        if all.len() >= self.per_host {
            drop(idle);
            return;
        }
        all.push(Kept { link, since });
        self.sweep_if_new(idle);
    }

    fn sweep_if_new(self: &Arc<Self>, mut idle: MutexGuard<'_, Idle>) {
        if !std::mem::replace(&mut idle.swept, true) {
            drop(idle);
            self.sweep_later();
        }
    }

    /// Are large heads expected from there?
    pub(super) fn expects_large(&self, key: &str) -> bool {
        self.large.lock().contains(key)
    }

    /// They are, from now on.
    pub(super) fn expect_large(&self, key: &Key) {
        if self.large.lock().insert(key.clone()) {
            let kept = self.idle.lock().by_key.remove(key);
            drop(kept);
        }
    }

    fn is_over(&self, kept: &Kept, now: Instant) -> bool {
        let idle = now.saturating_duration_since(kept.since);
        self.timeout.is_some_and(|timeout| idle >= timeout)
    }

    /// How long a connection that has ended may stay in the list, and how long one that has been idle
    /// for too long may stay open.
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
            over.extend(all.extract_if(.., |k| k.link.is_closed() || pool.is_over(k, now)));
            !all.is_empty()
        });
        idle.swept = !idle.by_key.is_empty();
        #[cfg(feature = "http2")]
        let unshared = {
            let mut over = Vec::new();
            idle.shared.retain(|_, all| {
                over.extend(all.extract_if(.., |link| {
                    link.is_closed() || pool.timeout.is_some_and(|limit| link.is_idle(limit))
                }));
                !all.is_empty()
            });
            idle.swept |= !idle.shared.is_empty();
            over
        };
        let again = idle.swept;
        drop(idle);
        drop(over);
        #[cfg(feature = "http2")]
        drop(unshared);
        if again {
            pool.sweep_later();
        }
    }

    /// Closes what is idle (Go's `CloseIdleConnections`).
    pub(super) fn clear(&self) {
        let mut idle = self.idle.lock();
        let all = std::mem::take(&mut idle.by_key);
        // Those that are in use end when they are not.
        #[cfg(feature = "http2")]
        let shared = std::mem::take(&mut idle.shared);
        drop(idle);
        drop(all);
        #[cfg(feature = "http2")]
        drop(shared);
    }
}

#[cfg(all(test, feature = "http2"))]
mod tests {
    use super::*;
    use crate::http::client::shared_link::start;
    use crate::http::line::{Line, Plain};
    use crate::net::{TcpListener, TcpStream};
    use hyper::body::Bytes;

    /// Of two that are made at once the first is used, and known to be one that may have ended since.
    #[test]
    fn who_comes_second_uses_the_first() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let link = || {
            let line = Line::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
            let io = Plain::new(line.clone(), Bytes::new());
            start(&line, io, 1 << 20, &crate::context::background()).unwrap()
        };
        let pool = Pool::new(1, None);
        let key = Key::from("http host");
        let (first, used) = pool.share(&key, link());
        assert!(!used);
        let (second, used) = pool.share(&key, link());
        assert!(used);
        assert!(Arc::ptr_eq(&first, &second));
        // A request that it refuses would get it again and again.
        first.door.close();
        assert!(pool.take(&key).is_none());
    }
}
