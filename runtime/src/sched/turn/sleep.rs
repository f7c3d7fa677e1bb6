//! Nothing to run: the M gives up its P, looks once more, blocks in the poller or sleeps.
//!
//! Why nothing is lost: README.md, "Falling asleep".

use super::{poll, spin};
use crate::netpoll::{self, WakeBatch};
use crate::sched::state::m::Rest;
use crate::sched::state::p::P;
use crate::sched::state::poll_mark::Wake;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::Section;
use crate::sched::wake::{asleep, sleep as wait};
use crate::sys::clock::nanotime;

/// Nothing found: gives up the P, looks again, sleeps. Returns with a P.
#[inline(never)]
pub(super) fn rest(m: &mut Section) -> Option<Runnable> {
    let mut s = SCHED.lock();
    if SCHED.has_global_work() {
        return None;
    }
    let p = m.p()?;
    if p.is_retired() {
        drop(s);
        p.ask();
        return None;
    }
    if !m.is_spinning() && SCHED.idle.is_asked_of_me() {
        drop(s);
        spin::begin_asked(m);
        return None;
    }
    if let Some(p) = m.release_p() {
        s.put_idle_p(p);
    }
    drop(s);
    if spin::end(m) && last_look(m) {
        return None;
    }
    if let Some(g) = wait_for_network(m) {
        return g;
    }
    wait::stopm(m);
    None
}

/// The M has ceased to spin: a publisher of work may have relied on it before. `true`: there was
/// something, and the M has a P and spins again.
fn last_look(m: &mut Section) -> bool {
    if !work_in_sight() {
        return false;
    }
    let Some(p) = SCHED.lock().take_idle_p() else {
        SCHED.idle.ask();
        return false;
    };
    SCHED.alarm.work_began();
    m.acquire_p(p);
    spin::begin_asked(m);
    true
}

/// Is there anything that an idle P could do? For an M that has just made "no M spins" or "a P is
/// idle" true, where publishers of work may have relied on its being false.
pub(crate) fn work_in_sight() -> bool {
    SCHED.idle.before_last_look();
    SCHED.has_global_work() || SCHED.ps().any(P::has_queued) || SCHED.first_timer() <= nanotime()
}

/// Blocks in the poller, if there is anything to wait for there and no other M blocks in it.
/// `None`: it is not our turn. `Some(..)`: came back with a P.
fn wait_for_network(m: &mut Section) -> Option<Option<Runnable>> {
    if let Some(wake) = SCHED.poll.is_taken(|| SCHED.first_timer()) {
        if wake == Wake::Poller {
            netpoll::wake();
        }
        return None;
    }
    if netpoll::waiters() == 0 && SCHED.first_timer() == i64::MAX {
        return None;
    }
    if !SCHED.poll.begin() {
        return None;
    }
    let first = SCHED.first_timer();
    SCHED.poll.blocks_until(first);
    let timeout = if first == i64::MAX {
        -1
    } else {
        (first - nanotime()).max(0)
    };
    let mut batch = WakeBatch::new();
    m.rests(Rest::Poller, || {
        // What we were to wake for may be gone already: then we may be the last M to fall asleep.
        asleep::check();
        poll::poll(timeout, &mut batch);
    });
    SCHED.poll.end(nanotime());
    let p = SCHED.lock().take_idle_p();
    match p {
        None => {
            poll::inject(&mut batch, None);
            wait::stopm(m);
            Some(None)
        }
        Some(p) => {
            SCHED.alarm.work_began();
            m.acquire_p(p);
            Some(poll::inject(&mut batch, m.p().as_ref()))
        }
    }
}
