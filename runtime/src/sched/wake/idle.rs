//! Which M is woken, and where a P goes that its M gives up: `wakep`, `startm`, `handoffp`.
//!
//! The protocol and why no wake-up is lost: README.md, "Falling asleep".

use super::line;
use crate::netpoll;
use crate::sched::state::free_m::FreeM;
use crate::sched::state::level::Who;
use crate::sched::state::m::{M, Rest};
use crate::sched::state::p::{FreeP, OwnP};
use crate::sched::state::poll_mark::Wake;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::{Locked, SCHED};
use crate::sched::state::{fatal, tracing, wanted};
use crate::sys::mutex::{Guard, Mutex};

/// There is work that another P could do: start one spinning M, if there is an idle P and no M
/// looks for work already. Called after the work was published.
#[inline]
pub(crate) fn wakep() {
    if SCHED.idle.needs_waking() {
        wakep_slow();
    }
}

#[cold]
#[inline(never)]
fn wakep_slow() {
    if !SCHED.idle.claim() {
        return;
    }
    let mut s = SCHED.lock();
    match s.take_idle_p() {
        Some(p) => {
            if tracing::on() {
                tracing::note(0, tracing::Kind::Woke);
            }
            startm(s, p, true);
        }
        None => {
            drop(s);
            SCHED.idle.end();
        }
    }
}

/// `g` is the next to run on `p`, ours; the one that was next goes to the queue's tail.
#[inline(always)]
pub(crate) fn put_next(p: &OwnP<'_>, g: Runnable) {
    match p.swap_next(g) {
        None => lonely_next(),
        Some(kicked) => put_kicked(p, kicked),
    }
}

/// There is now work that another P could take. (Not inlined: it would take registers from who mostly needs it not.)
#[inline(never)]
fn put_kicked(p: &OwnP<'_>, g: Runnable) {
    p.put(g);
    wakep();
}

/// A goroutine waits in our `run_next` alone: no M is woken for it, because the goroutine that put it there usually
/// blocks at once. If it does not, sysmon invites a thief; so sysmon must be awake.
#[inline(always)]
fn lonely_next() {
    if SCHED.idle.ps() != 0 {
        SCHED.alarm.hurry();
    }
}

/// Runs `p` on an idle M, or on a new one. `spinning` is already counted.
pub(crate) fn startm(mut s: Locked, p: FreeP, spinning: bool) {
    match s.take_idle_m(u32::MAX) {
        Some(m) => {
            drop(s);
            // It sleeps: its cells are ours until the wake.
            m.set_spinning(spinning);
            m.wake_with(p);
        }
        None => {
            drop(s);
            newm(p, spinning);
        }
    }
    SCHED.alarm.work_began();
}

/// Makes an M for `p`, with a thread of its own. Optional: at the limit, or if the system refuses, the P
/// goes idle with what it has, and the next M that sleeps looks again; unless every thread is blocked in
/// a call that the program bracketed: at the limit that is Go's fatal error.
fn newm(p: FreeP, spinning: bool) {
    let threads = SCHED.thread_comes();
    let max = SCHED.max_threads();
    if threads > max {
        if announced_blocks() >= max {
            let limit = format!("runtime: program exceeds {max}-thread limit\n");
            fatal::die(&(limit + "fatal error: thread exhaustion\n"), Who::Current);
        }
        return no_thread(p, spinning);
    }
    let m = M::new();
    m.set_spinning(spinning);
    m.leave_p(p);
    wanted::want(m);
}

/// Makes the thread of a home, for the first that was posted there. (Homes are no more than GOMAXPROCS: they do
/// not stop at the limit of threads.)
pub(crate) fn start_home(m: FreeM, p: FreeP) {
    SCHED.thread_comes();
    m.leave_p(p);
    wanted::want(m);
}

/// There is no thread for `p`, though one was counted for it.
pub(crate) fn no_thread(p: FreeP, spinning: bool) {
    SCHED.thread_goes();
    if spinning {
        SCHED.idle.end();
    }
    p.own().queue_into_global();
    SCHED.idle.ask();
    let mut s = SCHED.lock();
    if p.is_retired() {
        drop(s);
        return put_away(p);
    }
    s.put_idle_p(p);
}

/// Can one more M run goroutines, should a P become free?
pub(crate) fn threads_left() -> bool {
    SCHED.idle.ms() > 0 || SCHED.threads() < SCHED.max_threads()
}

/// The Ms that are in a bracketed call, or sleep until the goroutine locked to them can run.
fn announced_blocks() -> i32 {
    let blocked = |m: &&M| m.is_in_call() || m.rest() == Some(Rest::Bound);
    M::all().filter(blocked).count() as i32
}

/// `p` has just lost its M (or was taken): run it elsewhere if there is anything to do.
pub(crate) fn handoffp(mut p: FreeP) {
    if p.is_retired() {
        return put_away(p);
    }
    if SCHED.has_line() {
        match line::give_turn(p) {
            None => return,
            Some(back) => p = back,
        }
    }
    if p.has_next() || p.has_queued() || SCHED.has_global_work() {
        return startm(SCHED.lock(), p, false);
    }
    // No M looks for work and no P is idle: one M should look.
    if SCHED.idle.nobody_looks_and_none_is_idle() && SCHED.idle.claim() {
        SCHED.idle.take_back();
        return startm(SCHED.lock(), p, true);
    }
    let mut s = SCHED.lock();
    if SCHED.has_global_work() {
        return startm(s, p, false);
    }
    // Again, under the lock: see `P::retire`.
    if p.is_retired() {
        drop(s);
        return put_away(p);
    }
    // The last P must not sleep while no M watches the network. (A hint will do: an M that comes back from the
    // poller says so before it takes the lock that we hold.)
    let procs = SCHED.procs() as u32;
    if SCHED.idle.ps_in_order() + 1 == procs && !SCHED.poll.is_marked() && netpoll::waiters() > 0 {
        return startm(s, p, false);
    }
    let when = p.timers.first();
    s.put_idle_p(p);
    drop(s);
    if when != i64::MAX {
        wake_poller(when);
    }
}

/// Queues `g` globally, from a place without a P, and sees to it that an M runs it.
pub(crate) fn put_global(g: Runnable) {
    SCHED.put(g);
    wakep();
}

/// The Ps that have been put away. The lock serialises changes. No M is woken while it is held: the waker may
/// have to put a P away.
static CHANGING: Mutex<Vec<FreeP>> = Mutex::new(Vec::new());

pub(super) fn changing() -> Guard<'static, Vec<FreeP>> {
    CHANGING.lock()
}

/// While the result lives no P is retired or made. `None`: another thread is changing them just now.
pub(crate) fn hold_still() -> Option<Guard<'static, Vec<FreeP>>> {
    CHANGING.try_lock()
}

/// Puts away a retired P.
pub(crate) fn put_away(p: FreeP) {
    let mut changing = changing();
    if p.is_retired() {
        empty(p, &mut changing);
        drop(changing);
    } else {
        // Wanted again meanwhile.
        p.own().queue_into_global();
        SCHED.lock().put_idle_p(p);
        drop(changing);
    }
    look_again();
}

pub(super) fn empty(p: FreeP, away: &mut Vec<FreeP>) {
    p.own().queue_into_global();
    SCHED.p(0).timers.take_all(&p.timers);
    p.own().flush_caches();
    p.put_away(away);
}

/// Timers and goroutines may have moved from Ps that have been emptied.
pub(super) fn look_again() {
    let first = SCHED.p(0).timers.first();
    if first != i64::MAX {
        wake_poller(first);
    }
    wakep();
}

/// An M must be awake at `when`.
pub(crate) fn wake_poller(when: i64) {
    match SCHED.poll.armed(when) {
        Wake::Nobody => {}
        Wake::Poller => netpoll::wake(),
        Wake::M => wakep(),
    }
}
