//! Stealing: work that other Ps have.

use super::queues;
use crate::sched::state::p::{OwnP, P};
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::{Examine, Examined, Section, examine};
use crate::sched::state::tracing;
use crate::sched::wake::{idle, timers};
use crate::sys::clock::nanotime;
use std::sync::atomic::Ordering;

/// Four rounds over all Ps in a random order, timers and `run_next` only in the last; then a while
/// of waiting for a queue to fill, if that has paid lately.
pub(super) fn steal(m: &Section, p: &OwnP<'_>) -> Option<Runnable> {
    let n = SCHED.made_ps();
    if n < 2 {
        return None;
    }
    let start = m.random() as usize;
    let step = coprime(m.random() as usize, n);
    for round in 0..4 {
        let found = steal_round(p, n, (start, step), round == 3);
        if found.is_some() {
            return found;
        }
    }
    linger(m, p, n, (start, step))
}

/// Steals from a P that stands: it has goroutines queued, and has run none since this P last looked. (README.md, "A P
/// that stands".)
pub(super) fn from_standing(p: &OwnP<'_>) -> Option<Runnable> {
    let n = SCHED.made_ps() as u32;
    let switches = |id: u32| SCHED.p(id as usize).switches();
    let q = SCHED.p(p.watched().look(p.id, n, switches)? as usize);
    if !q.has_queued() {
        return None;
    }
    let g = p.steal_from(q)?;
    note_steal(&g, q);
    // What came with it. (A thief that looked meanwhile has found nothing, neither there nor here.)
    if p.has_queued() {
        idle::wakep();
    }
    Some(g)
}

/// A sleep and a wake-up cost several microseconds: while others run and have had work for us lately,
/// waiting about as long is cheaper. How long adapts: doubled by success, halved by failure.
fn linger(m: &Section, p: &OwnP<'_>, n: usize, order: (usize, usize)) -> Option<Runnable> {
    const PAUSES: u32 = 32;
    const MOST: u32 = 16;
    let patience = m.own().patience.get();
    for _ in 0..patience {
        for _ in 0..PAUSES {
            std::hint::spin_loop();
        }
        if SCHED.queued() != 0 {
            m.own().patience.set((2 * patience).min(MOST));
            return queues::take_global(p);
        }
        let found = steal_round(p, n, order, false);
        if found.is_some() {
            m.own().patience.set((2 * patience).min(MOST));
            return found;
        }
        if SCHED.idle.ps() as usize + 1 >= SCHED.procs() {
            break;
        }
    }
    m.own().patience.set((patience / 2).max(1));
    None
}

/// One look at every other P.
fn steal_round(
    p: &OwnP<'_>,
    n: usize,
    (start, step): (usize, usize),
    everything: bool,
) -> Option<Runnable> {
    let mut at = start % n;
    for _ in 0..n {
        let q = SCHED.p(at);
        at = (at + step) % n;
        if std::ptr::eq(q, &**p) {
            continue;
        }
        if q.has_queued()
            && let Some(g) = p.steal_from(q)
        {
            note_steal(&g, q);
            return Some(g);
        }
        if !everything {
            continue;
        }
        if timers::check(q)
            && let Some(found) = queues::local(p)
        {
            return Some(found.g);
        }
        if let Some(g) = steal_next(p, q) {
            note_steal(&g, q);
            return Some(g);
        }
    }
    None
}

fn note_steal(g: &Runnable, victim: &P) {
    if tracing::on() {
        let kind = tracing::Kind::Stole { victim: victim.id };
        tracing::note(g.id.load(Ordering::Relaxed), kind);
    }
}

/// A step that visits all of `n` places.
fn coprime(r: usize, n: usize) -> usize {
    fn gcd(a: usize, b: usize) -> usize {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    (r % n..n).find(|&s| s > 0 && gcd(s, n) == 1).unwrap_or(1)
}

/// How long a goroutine in `run_next` is left to its own P, in nanoseconds.
const PRIVATE: i64 = 10_000;

/// Takes a goroutine that has been waiting in `run_next` while its P's goroutine runs on. One that
/// was put there a moment ago is left: it will run there soon, with warm caches. If it gives way to
/// another meanwhile, it is in the queue, where stealing it costs less.
fn steal_next(p: &OwnP<'_>, q: &'static P) -> Option<Runnable> {
    let owner = q.owner()?;
    if !q.has_next() {
        return None;
    }
    let before = q.switches();
    let since = nanotime();
    while nanotime() - since < PRIVATE {
        for _ in 0..16 {
            std::hint::spin_loop();
        }
        if !q.has_next() {
            return None;
        }
        if q.has_queued()
            && let Some(g) = p.steal_from(q)
        {
            return Some(g);
        }
    }
    if !q.has_next() || q.switches() != before {
        return None;
    }
    match examine(owner, q, Examine::StealNext) {
        Examined::Stole(g) => g,
        _ => None,
    }
}
