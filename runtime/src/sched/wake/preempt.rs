//! Giving way when sysmon asks.
//!
//! sysmon sets the P's `attention` and poisons the M's `stackguard`. An **implicit point** (a
//! `#[goroutine]` function's prologue, a loop's back-edge, the end of a `go!`) that sees it gives up
//! the P, and the M waits in line for one, as after a system call; the goroutine stays on its thread, because the
//! code around the point may hold what is bound to it (`stdout().lock()`, a `LocalKey` borrow).
//! An **explicit point** (`checkpoint`, `gosched`) may move the goroutine.

use super::yield_now::gosched;
use super::{idle, sleep};
use crate::g::{GRef, Status};
use crate::panic::before_block;
use crate::sched::state::m::M;
use crate::sched::state::p::Asked;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::{self, Section};
use crate::sched::state::{hog, slice, tracing};
use crate::sys::{clock::nanotime, thread};

/// An explicit point: gives way if that was asked for.
#[inline]
pub(crate) fn checkpoint() {
    if let Some(m) = M::current()
        && (m.is_asked() || m.p().is_none())
        && m.curg().is_some()
    {
        before_block();
        gosched();
    }
}

/// A loop's back-edge in a `#[goroutine]` function, or a goroutine has been started.
#[inline(always)]
pub(crate) fn back_edge() {
    if let Some(m) = M::current()
        && m.is_asked()
    {
        implicit_point();
    }
}

/// Answers a request at an implicit point.
#[cold]
#[inline(never)]
pub(crate) fn implicit_point() {
    let Some(m) = M::current() else { return };
    let Some(g) = m.curg() else { return };
    m.heard(g);
    if std::thread::panicking() || m.is_in_call() || g.no_suspend() > 0 {
        return;
    }
    if let Some(mut section) = section::enter() {
        give_way(&mut section, g);
    }
}

/// Gives the P up, if another goroutine wants it, and waits in line for one; if sysmon has taken
/// it, gets an idle one or waits in line too.
fn give_way(m: &mut Section, g: GRef) {
    let Some(p) = m.p() else {
        if !sleep::take_idle_p(m) {
            wait_in_line(m, g);
        }
        return;
    };
    let Some(asked) = p.answer() else { return };
    let wanted = p.has_next()
        || p.has_queued()
        || SCHED.has_global_work()
        || asked == Asked::Retire
        || p.timers.first() <= nanotime();
    if wanted && idle::threads_left() {
        wait_in_line(m, g);
    }
}

/// Waits for a turn behind the others that have used up a slice, on this thread: the M that takes us
/// from the head of the line hands its P to us.
fn wait_in_line(m: &mut Section, g: GRef) {
    g.set_status(Status::Runnable);
    if tracing::on() {
        tracing::run_ends(m.m(), g);
    }
    m.counts_turn(thread::own_cpu_time(), slice::in_line());
    m.hog.set_silent(false);
    m.stands_here();
    SCHED.put_in_line(m.m(), nanotime());
    // From here on we may be given a P at any time: it waits in `next_p` until we sleep.
    if let Some(p) = m.release_p() {
        p.end_slice();
        idle::handoffp(p);
    }
    idle::wakep();
    // Not on g0: the M sleeps here, on the goroutine's own stack.
    sleep::sleep_for_turn(m);
    if let Some(p) = m.p() {
        // Else the tick would stand still, and every look would go to the global queue instead of every 61st.
        p.count_run(true);
    }
    g.set_status(Status::Running);
    if tracing::on() {
        tracing::run_begins(m.m());
    }
}

/// Where goroutines are not paused: may one that has computed for this long keep its thread to itself, although the
/// allowed number already do? The more there are, the longer it must have computed: tasks of up to a tenth of a second
/// of CPU time never do, and longer ones cost few threads.
pub(crate) fn has_earned(cpu: i64) -> bool {
    const LEAST: i64 = 100_000_000;
    let (hogs, limit) = (hog::all(), loose_limit());
    limit > 0 && cpu >= LEAST * i64::from(hogs / limit).max(1)
}

/// Where goroutines are not paused: how many may run on without a P at once.
pub(crate) fn loose_limit() -> i32 {
    (4 * SCHED.procs() as i32).min(hog::limit())
}
