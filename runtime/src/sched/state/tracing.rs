//! Recording what the scheduler does, for [`trace`](crate::trace).
//!
//! Each M writes into its own buffer; a thread without an M writes into a common one. While nothing
//! records, an event costs one load of [`ON`].
//!
//! A trace and a flight recorder share the buffers: each has a moment from which on it wants events, and
//! the one that ends last ends the recording. The recorder does not wait for an M that was about to
//! write when the recording ended: what it writes late, and a run whose beginning it noted late, is
//! recognised by its time, which is before the moment at which the next recording began ([`collect`]).

use super::m::M;
use super::record::{Buffer, keep_each};
pub(crate) use super::record::{Event, Kind};
use super::run_note::Run;
use crate::g::{GRef, Status};
use crate::sys::clock::nanotime;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

static ON: AtomicBool = AtomicBool::new(false);
/// When the recording began.
static BEGAN: AtomicI64 = AtomicI64::new(0);
static COMMON: Buffer = Buffer::new();

/// Is a recording on?
#[inline(always)]
pub(crate) fn on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Begins, with empty buffers that keep `keep` events each. Returns the moment.
pub(crate) fn begin(keep: usize) -> i64 {
    take(i64::MAX);
    let now = nanotime();
    BEGAN.store(now, Ordering::Relaxed);
    keep_each(keep);
    ON.store(true, Ordering::SeqCst);
    now
}

/// Goes on, with buffers that keep `keep` events each.
pub(crate) fn keep(keep: usize) {
    keep_each(keep);
}

/// Ends; the events stay until taken.
pub(crate) fn end() {
    ON.store(false, Ordering::SeqCst);
    cut_runs();
}

/// Records the runs that are under way up to now, as if they ended here.
pub(crate) fn cut_runs() {
    let again = if on() { nanotime() } else { 0 };
    for m in M::all() {
        cut_run(m, "still runs", again);
    }
}

/// What was recorded since the moment `from`, in order of time; the buffers are empty then.
pub(crate) fn take(from: i64) -> Vec<Event> {
    collect(from, |b| std::mem::take(&mut *b.lock()).into())
}

/// A copy of what was recorded since the moment `from`.
pub(crate) fn copy(from: i64) -> Vec<Event> {
    collect(from, |b| b.lock().iter().cloned().collect())
}

fn collect(from: i64, mut of: impl FnMut(&Buffer) -> Vec<Event>) -> Vec<Event> {
    let mut all = of(&COMMON);
    for m in M::all() {
        all.append(&mut of(&m.events));
    }
    let began = BEGAN.load(Ordering::Relaxed);
    all.retain_mut(|e| e.cut_before(from, began));
    all.sort_by_key(|e| e.at);
    all
}

/// Records an event about goroutine `g`.
#[cold]
#[inline(never)]
pub(crate) fn note(g: u64, kind: Kind) {
    note_on(M::current().and_then(|m| m.p()).map(|p| p.id), g, kind);
}

/// The same, about a P that need not be the caller's.
#[cold]
#[inline(never)]
pub(crate) fn note_on(p: Option<u32>, g: u64, kind: Kind) {
    let m = M::current();
    let event = Event {
        at: nanotime(),
        p,
        // Not on an M: a number that no M has, and that leaves room for a track's.
        m: m.map_or(u64::from(u32::MAX), |m| m.id),
        g,
        kind,
    };
    m.map_or(&COMMON, |m| &m.events).push(event);
}

/// A goroutine was made runnable.
#[cold]
#[inline(never)]
pub(crate) fn readied(g: GRef, made: bool) {
    let by = M::current()
        .and_then(M::curg)
        .map_or(0, |g| g.id.load(Ordering::Relaxed));
    let kind = if made {
        Kind::Made { by }
    } else {
        Kind::Readied { by }
    };
    note(g.id.load(Ordering::Relaxed), kind);
}

/// `g` begins to run on `m`.
#[cold]
#[inline(never)]
pub(crate) fn run_begins(m: &M) {
    let g = m.curg().map_or(0, |g| g.id.load(Ordering::Relaxed));
    let p = m.p().map_or(u32::MAX, |p| p.id);
    m.run_note.begins(g, p, nanotime());
}

/// `g` has stopped running on `m`.
#[cold]
#[inline(never)]
pub(crate) fn run_ends(m: &M, g: GRef) {
    let why = match g.status() {
        Status::Waiting => g.reason().text(),
        Status::Dead => "end",
        _ => "gives way",
    };
    cut_run(m, why, 0);
}

/// Records the run on `m` up to now, if one is under way. It goes on from `again`, if that is not 0.
fn cut_run(m: &M, why: &'static str, again: i64) {
    let Some(Run { g, p, since, cut }) = m.run_note.take(again) else {
        return;
    };
    let event = |at, p, kind| Event {
        at,
        p,
        m: m.id,
        g,
        kind,
    };
    let Some(cut) = cut else {
        return m
            .events
            .push(event(nanotime(), Some(p), Kind::Ran { since, why }));
    };
    let taken = "P taken";
    m.events
        .push(event(cut, Some(p), Kind::Ran { since, why: taken }));
    let without = Kind::RanWithoutP { since: cut, why };
    m.events.push(event(nanotime(), None, without));
}

/// sysmon has taken the P of `m`.
#[cold]
#[inline(never)]
pub(crate) fn retaken(m: &M, p: u32, blocked: bool) {
    m.run_note.loses_p(nanotime());
    let g = m.curg().map_or(0, |g| g.id.load(Ordering::Relaxed));
    note_on(Some(p), g, Kind::Retaken { blocked });
}
