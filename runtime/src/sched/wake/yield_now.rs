//! Giving way voluntarily: Go's `Gosched` and `goyield`.

use super::idle;
use super::park::give_way;
use crate::g::{Status, flag};
use crate::sched::state::hooks;
use crate::sched::state::m::{current_g, is_first};
use crate::sched::state::mine::Here;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section;
use crate::switch::away;

/// Lets others run: the goroutine goes behind all others in the global queue (Go's `Gosched`).
///
/// On a plain thread it is `std::thread::yield_now`.
#[inline(never)]
pub(crate) fn gosched() {
    let _away = away();
    let Some(here) = Here::get() else {
        return std::thread::yield_now();
    };
    if here.g.has(flag::FAMILY) && (hooks::get().yields)(here) {
        return;
    }
    give_way(put_behind_all);
}

/// Lets the goroutine run that was just made ready, in the caller's time slice; the caller goes to
/// the end of its P's queue. Go's `goyield`. Does nothing on a plain thread, or where the goroutine
/// must not change threads.
#[cold]
#[inline(never)]
pub(crate) fn goyield() {
    let Some(g) = current_g() else { return };
    if std::thread::panicking() || g.no_suspend() > 0 {
        return;
    }
    let _away = away();
    if g.has(flag::FAMILY) && Here::get().is_some_and(hooks::get().yields) {
        return;
    }
    give_way(|g| {
        g.set_status(Status::Runnable);
        let section = section::enter();
        match section.as_ref().and_then(|s| s.p()) {
            Some(p) => p.put(g),
            None => idle::put_global(g),
        }
    });
}

/// On g0, where `g` has given way.
fn put_behind_all(g: Runnable) {
    g.set_status(Status::Runnable);
    let section = section::enter();
    let m = section.as_ref();
    if let Some((m, p)) = m.and_then(|m| Some((m, m.p()?)))
        && m.locked_g().is_none()
        && !is_first(m)
        && !m.home.is_one()
        && !p.is_asked()
        && !SCHED.has_line()
        && !SCHED.has_held_back()
        && p.is_empty()
    {
        // Nothing comes before the global queue: its head runs next, maybe we ourselves. (Not past a P
        // that is asked for attention: it may have to retire. Nor past an M that waits in line.) An
        // empty queue is no reason to take its lock, which other goroutines need in order to yield.
        let alone = SCHED.queued() == 0;
        m.own()
            .given
            .set(if alone { Some(g) } else { SCHED.rotate(g) });
    } else {
        SCHED.put(g);
        if let Some(m) = m {
            m.own().yielded.set(true);
        }
    }
    if SCHED.queued() != 0 {
        idle::wakep();
    }
}
