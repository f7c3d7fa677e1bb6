//! [`Life`]: what tells whether a connection should end: what is under way on it, and since when nothing is.

use super::progress::Progress;
use crate::http::shared::Config;
use crate::sched::nanotime;
use crate::sync::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

/// What is under way on a connection.
///
/// What only moves bytes does not count: a client could do that for ever.
pub(super) struct Life {
    /// Requests whose answers hyper has not taken.
    streams: AtomicUsize,
    /// Bytes of answers that hyper has taken and not written.
    pub(super) unsent: Arc<AtomicUsize>,
    /// The end of the last request, on the runtime's clock.
    idle_since: AtomicI64,
    /// Since when a head comes; 0: none does.
    head_since: AtomicI64,
    /// Answers that hyper has taken to their end.
    tails: Mutex<Vec<Arc<Progress>>>,
    last: Mutex<Last>,
}

/// What it was at the last look, after the client was told of the end.
#[derive(Default)]
struct Last {
    unsent: usize,
    /// Since when that is so.
    since: i64,
}

/// What is to be done with a connection.
pub(super) enum Verdict {
    End,
    /// To be looked at again after that time.
    LookAfter(Duration),
}

/// How long a client that was told of the end, and has all that it has asked for, may stay.
const GRACE: Duration = Duration::from_secs(5);

/// How often a connection that is to end is looked at.
const PAUSE: Duration = Duration::from_secs(1);

impl Life {
    pub(super) fn new() -> Life {
        Life {
            streams: AtomicUsize::new(0),
            unsent: Arc::default(),
            idle_since: AtomicI64::new(nanotime()),
            head_since: AtomicI64::new(0),
            tails: Mutex::default(),
            last: Mutex::default(),
        }
    }

    pub(super) fn stream_begins(&self) {
        self.streams.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn stream_ends(&self) {
        // SeqCst, and first: a reader that sees that there is no stream also sees since when.
        self.idle_since.store(nanotime(), Ordering::SeqCst);
        self.streams.fetch_sub(1, Ordering::SeqCst);
    }

    /// hyper has taken all of an answer, and writes it when there is room.
    pub(super) fn leaves(&self, answer: &Arc<Progress>) {
        if answer.is_written() {
            return;
        }
        let mut tails = self.tails.lock();
        if tails.len() == tails.capacity() {
            tails.retain(|answer| !answer.is_written());
        }
        tails.push(answer.clone());
    }

    /// A part of a head has come, and not its end. `true`: it is the first such part.
    pub(super) fn head_comes(&self) -> bool {
        let (none, order) = (0, Ordering::SeqCst);
        let begun = self
            .head_since
            .compare_exchange(none, nanotime(), order, order);
        begun.is_ok()
    }

    pub(super) fn head_ends(&self) {
        self.head_since.store(0, Ordering::SeqCst);
    }

    /// Has a head been coming for this long? `None`: none comes.
    pub(super) fn look_at_head(&self, limit: Duration) -> Option<Verdict> {
        match self.head_since.load(Ordering::SeqCst) {
            0 => None,
            since => Some(after(left(since, limit))),
        }
    }

    /// Is there too little to do, before the client was told of the end? Also if it leaves the end of an
    /// answer for so long: hyper has that, and would keep it.
    pub(super) fn look(&self, config: &Config) -> Verdict {
        let idle = config.idle_timeout;
        let mut next = [idle, config.write_timeout]
            .into_iter()
            .filter(|limit| !limit.is_zero())
            .min()
            .unwrap_or(PAUSE);
        if !idle.is_zero() && self.streams.load(Ordering::SeqCst) == 0 {
            next = next.min(left(self.idle_since.load(Ordering::SeqCst), idle));
        }
        if !config.write_timeout.is_zero() {
            let mut tails = self.tails.lock();
            tails.retain(|answer| !answer.is_written());
            let left = tails.iter().map(|answer| answer.left(config.write_timeout));
            next = next.min(left.min().unwrap_or(next));
        }
        after(next)
    }

    /// The client knows of the end from now on.
    pub(super) fn ends(&self) {
        self.last.lock().since = nanotime();
    }

    /// Has it stayed too long since it knew, or left what it has asked for? `full`: the socket is full, and
    /// that has a time-out of its own.
    pub(super) fn look_at_end(&self, config: &Config, full: bool) -> Verdict {
        let unsent = self.unsent.load(Ordering::SeqCst);
        let busy = full || self.streams.load(Ordering::SeqCst) > 0;
        let mut last = self.last.lock();
        if busy || last.unsent != unsent {
            last.since = nanotime();
            last.unsent = unsent;
        }
        let limit = match unsent {
            0 => GRACE,
            _ => config.write_timeout,
        };
        match limit.is_zero() {
            true => Verdict::LookAfter(PAUSE),
            false => after(left(last.since, limit).min(PAUSE)),
        }
    }
}

fn left(since: i64, limit: Duration) -> Duration {
    let passed = u64::try_from(nanotime() - since).unwrap_or(0);
    limit.saturating_sub(Duration::from_nanos(passed))
}

fn after(left: Duration) -> Verdict {
    match left.is_zero() {
        true => Verdict::End,
        false => Verdict::LookAfter(left),
    }
}
