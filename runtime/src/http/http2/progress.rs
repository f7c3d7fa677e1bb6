//! [`Progress`]: how far an answer has got, from hyper to the client.

use crate::sched::nanotime;
use hyper::body::{Buf, Bytes};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

/// What hyper has of an answer and has not written.
///
/// Its counts may be changed under hyper's locks, so they are atomics and nothing waits for them.
pub(super) struct Progress {
    bytes: AtomicUsize,
    /// The same of all answers of the connection.
    all: Arc<AtomicUsize>,
    /// Since when it has got no further, on the runtime's clock; 0: hyper has nothing.
    since: AtomicI64,
}

impl Progress {
    pub(super) fn new(all: &Arc<AtomicUsize>) -> Arc<Progress> {
        Arc::new(Progress {
            bytes: AtomicUsize::new(0),
            all: all.clone(),
            since: AtomicI64::new(0),
        })
    }

    /// hyper has something that it would send, or has nothing any more.
    pub(super) fn is_held(&self, held: bool) {
        let since = if held { nanotime() } else { 0 };
        self.since.store(since, Ordering::SeqCst);
    }

    /// Has hyper nothing to send?
    pub(super) fn is_free(&self) -> bool {
        self.since.load(Ordering::SeqCst) == 0
    }

    /// How long it may still stand still, of `limit`.
    pub(super) fn left(&self, limit: Duration) -> Duration {
        match self.since.load(Ordering::SeqCst) {
            0 => limit,
            since => {
                let held = u64::try_from(nanotime() - since).unwrap_or(0);
                limit.saturating_sub(Duration::from_nanos(held))
            }
        }
    }

    /// Has hyper written all that it has taken?
    pub(super) fn is_written(&self) -> bool {
        self.bytes.load(Ordering::SeqCst) == 0
    }

    fn takes(&self, n: usize) {
        self.bytes.fetch_add(n, Ordering::SeqCst);
        self.all.fetch_add(n, Ordering::SeqCst);
    }

    fn gets_on(&self, n: usize) {
        self.bytes.fetch_sub(n, Ordering::SeqCst);
        self.all.fetch_sub(n, Ordering::SeqCst);
        let since = self.since.load(Ordering::SeqCst);
        if since != 0 {
            // Unless by now hyper has nothing any more, or something new.
            let (now, order) = (nanotime(), Ordering::SeqCst);
            let _ = self.since.compare_exchange(since, now, order, order);
        }
    }
}

/// A part of an answer. hyper drops it when it is written, or when the client does not want it.
pub(super) struct Piece {
    bytes: Bytes,
    progress: Arc<Progress>,
}

impl Piece {
    pub(super) fn new(bytes: Bytes, progress: &Arc<Progress>) -> Piece {
        progress.takes(bytes.len());
        let progress = progress.clone();
        Piece { bytes, progress }
    }
}

impl Buf for Piece {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, n: usize) {
        self.bytes.advance(n);
        self.progress.gets_on(n);
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.progress.gets_on(self.bytes.len());
        }
    }
}
