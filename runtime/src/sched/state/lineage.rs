//! What a goroutine has from the one that started it, for reports: labels (Go's `pprof.Do`), and with
//! `GODEBUG=tracebackancestors=N` where it and its forebears were started.
//!
//! Both are kept [beside] the goroutines.

use super::beside::{self, Ancestor, Labels};
use super::godebug;
use crate::g::{GRef, flag};
use std::backtrace::Backtrace;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many ancestors are kept; 0 = none.
static DEPTH: AtomicUsize = AtomicUsize::new(0);

/// Reads `GODEBUG`; at boot.
pub(crate) fn init() {
    let depth = godebug::number("tracebackancestors").unwrap_or(0);
    DEPTH.store(usize::try_from(depth).unwrap_or(0), Ordering::Relaxed);
}

fn id(g: GRef) -> u64 {
    g.id.load(Ordering::Relaxed)
}

/// What the goroutines that `parent` starts have from it; `None`: nothing, as nearly always. Outside the
/// runtime's sections: it may take a backtrace.
#[inline]
pub(crate) fn of_children(parent: GRef) -> Option<Inherited> {
    let depth = DEPTH.load(Ordering::Relaxed);
    if depth == 0 && !parent.has(flag::LABELLED) {
        return None;
    }
    Some(inherited(parent, depth))
}

/// What a new goroutine gets.
pub(crate) struct Inherited {
    labels: Option<Arc<Labels>>,
    ancestor: Option<Arc<Ancestor>>,
}

#[cold]
#[inline(never)]
fn inherited(parent: GRef, depth: usize) -> Inherited {
    let ancestor = (depth > 0).then(|| {
        let older = ancestors(parent);
        Arc::new(Ancestor {
            id: id(parent),
            trace: Backtrace::force_capture(),
            older,
        })
    });
    Inherited {
        labels: labels(parent),
        ancestor,
    }
}

/// `g`, which has not begun, has this from its parent.
#[cold]
pub(crate) fn inherit(g: GRef, from: Inherited) {
    if let Some(labels) = from.labels {
        set(g, Some(labels));
    }
    if let Some(ancestor) = from.ancestor {
        g.set_flag(flag::ANCESTRY, true);
        beside::set(id(g), |b| &mut b.ancestor, Some(ancestor));
    }
}

/// `g` has ended.
pub(crate) fn forget(g: GRef) {
    if g.has(flag::LABELLED) {
        set(g, None);
    }
    if g.has(flag::ANCESTRY) {
        beside::set(id(g), |b| &mut b.ancestor, None);
    }
}

fn set(g: GRef, labels: Option<Arc<Labels>>) -> Option<Arc<Labels>> {
    g.set_flag(flag::LABELLED, labels.is_some());
    beside::set(id(g), |b| &mut b.labels, labels)
}

/// Its labels, if it has any.
pub(crate) fn labels(g: GRef) -> Option<Arc<Labels>> {
    g.has(flag::LABELLED).then(|| labels_of(id(g)))?
}

/// The labels of a goroutine that any thread may own.
pub(crate) fn labels_of(id: u64) -> Option<Arc<Labels>> {
    beside::get(id, |b| b.labels.clone())
}

fn ancestors(g: GRef) -> Option<Arc<Ancestor>> {
    g.has(flag::ANCESTRY).then(|| ancestors_of(id(g)))?
}

/// The creators of a goroutine that any thread may own, as far as is known; the nearest first.
pub(crate) fn ancestors_of(id: u64) -> Option<Arc<Ancestor>> {
    beside::get(id, |b| b.ancestor.clone())
}

/// How many ancestors a report shows.
pub(crate) fn depth() -> usize {
    DEPTH.load(Ordering::Relaxed)
}

/// Runs `f` with these labels on `g`, which runs here, on top of those that it has.
pub(crate) fn with_labels<R>(g: GRef, labels: &[(&str, &str)], f: impl FnOnce() -> R) -> R {
    /// Puts back what was there, also when `f` panics.
    struct Restore(GRef, Option<Arc<Labels>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            set(self.0, self.1.take());
        }
    }
    let before = self::labels(g);
    let mut now = before.as_deref().cloned().unwrap_or_default();
    now.extend(labels.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())));
    let _restore = Restore(g, before);
    set(g, Some(Arc::new(now)));
    f()
}
