//! What a trace knows of the run that is under way on an M.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

/// See the [module](self).
#[repr(C)]
pub(super) struct RunNote {
    /// Which goroutine runs, since when (0: none runs), on which P, and when that P was taken (0: it was not).
    g: AtomicU64,
    since: AtomicI64,
    p: AtomicU32,
    cut: AtomicI64,
}

/// A run, or the part of it up to now.
pub(super) struct Run {
    pub(super) g: u64,
    pub(super) p: u32,
    pub(super) since: i64,
    /// When its P was taken.
    pub(super) cut: Option<i64>,
}

impl RunNote {
    pub(super) const fn new() -> RunNote {
        RunNote {
            g: AtomicU64::new(0),
            since: AtomicI64::new(0),
            p: AtomicU32::new(0),
            cut: AtomicI64::new(0),
        }
    }

    /// A run begins.
    pub(super) fn begins(&self, g: u64, p: u32, now: i64) {
        self.g.store(g, Ordering::Relaxed);
        self.cut.store(0, Ordering::Relaxed);
        self.p.store(p, Ordering::Relaxed);
        // Last, and Release: a reader that sees this moment also sees of which run it is.
        self.since.store(now, Ordering::Release);
    }

    /// sysmon has taken its P.
    pub(super) fn loses_p(&self, now: i64) {
        self.cut.store(now, Ordering::Relaxed);
    }

    /// The run up to now, if one is under way: the exchange gives it to one caller. It goes on from `again`, if that
    /// is not 0.
    pub(super) fn take(&self, again: i64) -> Option<Run> {
        // Acquire: pairs with the store in `begins`.
        let since = self.since.load(Ordering::Acquire);
        let (g, p) = (
            self.g.load(Ordering::Relaxed),
            self.p.load(Ordering::Relaxed),
        );
        // Release: what was read above is of the run that the moment names, not of one that begins after it was taken.
        let (ok, lost) = (Ordering::Release, Ordering::Acquire);
        let taken = || self.since.compare_exchange(since, again, ok, lost).is_ok();
        if since == 0 || !taken() {
            return None;
        }
        let cut = self.cut.swap(0, Ordering::Relaxed);
        if cut != 0 && again != 0 {
            self.cut.store(again, Ordering::Relaxed);
        }
        let cut = (cut != 0).then_some(cut);
        Some(Run { g, p, since, cut })
    }
}
