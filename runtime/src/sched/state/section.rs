//! Runtime sections: while an M is inside one, nobody takes its P away and its P's private parts may
//! be used.
//!
//! Entering is a plain store and a load; the price is paid by whoever wants the P: it tags `m.p`,
//! makes every thread pass a barrier and then looks at `in_runtime` (README.md, "Taking a P from a
//! running M"). No user code runs inside a section.

use super::m::M;
use super::p::P;
use crate::g::GRef;
use crate::sys::{barrier, thread};
use std::sync::atomic::Ordering;

/// A section of the calling M, left when dropped. Must not live over a suspension.
pub(crate) struct Section {
    m: &'static M,
    nested: bool,
}

/// Enters; `None` on a plain thread, which has no M.
#[inline(always)]
pub(crate) fn enter() -> Option<Section> {
    let m = M::current()?;
    let nested = m.in_runtime.load(Ordering::Relaxed);
    if !nested {
        begin(m);
    }
    Some(Section { m, nested })
}

/// Enters without a guard, for code that leaves on another stack or M: see [`end`].
#[inline(always)]
pub(crate) fn begin(m: &'static M) {
    m.in_runtime.store(true, Ordering::Relaxed);
    // Between the store above and the load below; pairs with `barrier::heavy` in `examine`.
    barrier::light();
    // Acquire: pairs with the CAS that ends an examination, so that what the examiner did to the P
    // (taking `run_next`) is seen.
    if m.p.load(Ordering::Acquire) & 1 != 0 {
        examined(m);
    }
}

/// Leaves the section of the *current* M, which need not be the one that entered.
#[inline(always)]
pub(crate) fn end() {
    if let Some(m) = M::current() {
        // Release: whoever sees `false` and takes the P sees all that was done in the section.
        m.in_runtime.store(false, Ordering::Release);
    }
}

/// Somebody examines us: wait until it is decided whether we keep the P.
#[cold]
#[inline(never)]
fn examined(m: &'static M) {
    loop {
        m.in_runtime.store(false, Ordering::Release);
        // The examiner holds the lock until `m.p` is decided and untagged.
        m.handoff.lock();
        m.in_runtime.store(true, Ordering::Relaxed);
        m.handoff.unlock();
        // A later examiner may have come since; the same reasoning as in `begin`.
        barrier::light();
        if m.p.load(Ordering::Acquire) & 1 == 0 {
            return;
        }
    }
}

impl Section {
    /// The M.
    #[inline(always)]
    pub(crate) fn m(&self) -> &'static M {
        self.m
    }

    /// The P, private parts included; `None` if it was taken away.
    #[inline(always)]
    pub(crate) fn p(&self) -> Option<&'static P> {
        self.m.p()
    }
}

impl Drop for Section {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.nested {
            self.m.in_runtime.store(false, Ordering::Release);
        }
    }
}

/// What an examiner wants of the P of an M that is outside the runtime.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Examine {
    /// The P itself. `hog`: the M computes, and is counted as a hog until its goroutine leaves it.
    Take {
        /// As said.
        hog: bool,
    },
    /// The goroutine in `run_next`.
    StealNext,
}

/// What came of it.
pub(crate) enum Examined {
    /// The M is inside the runtime, or has moved on: nothing was done.
    Busy,
    /// The P is the caller's now; the M's goroutine goes on without one.
    Took,
    /// The goroutine is the caller's, if there was one.
    Stole(Option<GRef>),
}

/// The rare side of the protocol. Never a plain store to another M's `m.p`: a failed CAS means that
/// the M has moved on, and there is nothing to do.
pub(crate) fn examine(m: &'static M, p: &'static P, what: Examine) -> Examined {
    if !m.handoff.try_lock() {
        return Examined::Busy;
    }
    let result = examine_locked(m, p, what);
    m.handoff.unlock();
    result
}

fn examine_locked(m: &'static M, p: &'static P, what: Examine) -> Examined {
    let raw = std::ptr::from_ref(p) as usize;
    let tag =
        m.p.compare_exchange(raw, raw | 1, Ordering::SeqCst, Ordering::Relaxed);
    if tag.is_err() {
        return Examined::Busy;
    }
    // Pairs with `barrier::light` in `begin`.
    barrier::heavy();
    // Release: pairs with the Acquire load in `begin`.
    let untag = || {
        let _ =
            m.p.compare_exchange(raw | 1, raw, Ordering::Release, Ordering::Relaxed);
    };
    // Acquire: pairs with the Release store that left the section.
    if m.in_runtime.load(Ordering::Acquire) {
        untag();
        return Examined::Busy;
    }
    if what == Examine::StealNext {
        // Outside, but since when? It may have given the P up and got it back since we put the tag,
        // and then its next entry sees none. (`Take` learns this from its CAS.)
        if m.p.load(Ordering::Relaxed) != raw | 1 {
            return Examined::Busy;
        }
        let g = p.take_next();
        untag();
        return Examined::Stole(g);
    }
    let hog = what == Examine::Take { hog: true };
    if hog {
        // Before the P is gone: then the M may settle the account at any time.
        let tid = m.tid.load(Ordering::Relaxed);
        m.hog.count(thread::cpu_time(tid).unwrap_or(0));
    }
    match m
        .p
        .compare_exchange(raw | 1, 0, Ordering::AcqRel, Ordering::Relaxed)
    {
        Ok(_) => {
            p.clear_owner();
            Examined::Took
        }
        Err(_) => {
            if hog {
                m.hog.settle();
            }
            Examined::Busy
        }
    }
}
