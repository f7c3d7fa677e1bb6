//! Giving way when sysmon asks.
//!
//! sysmon sets the P's `attention` and poisons the M's `stackguard`. An **implicit point** (a
//! `#[goroutine]` function's prologue, a loop's back-edge, the end of a `go!`) that sees it gives up
//! the P, and the M waits in line for one, as after a system call; the goroutine stays on its thread, because the
//! code around the point may hold what is bound to it (`stdout().lock()`, a `LocalKey` borrow).
//! An **explicit point** (`checkpoint`, `gosched`) may move the goroutine.

use super::global::SCHED;
use super::m::M;
use super::park::gosched;
use super::{idle, section, syscall, tracing};
use crate::g::{GRef, Status};
use crate::panic::before_block;
use crate::sys::thread;
use std::sync::atomic::Ordering;

/// Has sysmon asked the running goroutine to give way?
#[inline(always)]
pub(crate) fn requested(m: &M) -> bool {
    m.stackguard.load(Ordering::Relaxed) == usize::MAX
}

/// An explicit point: gives way if that was asked for.
#[inline]
pub(crate) fn checkpoint() {
    if let Some(m) = M::current()
        && (requested(m) || m.p.load(Ordering::Relaxed) == 0)
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
        && requested(m)
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
    m.stackguard.store(g.stackguard.get(), Ordering::Relaxed);
    if std::thread::panicking() || m.in_syscall.load(Ordering::Relaxed) || g.no_suspend() > 0 {
        return;
    }
    section::begin(m);
    give_way(m, g);
    section::end();
}

/// Gives the P up, if somebody wants it, and waits in line for one; if sysmon has taken it, gets an
/// idle one or waits in line too.
fn give_way(m: &'static M, g: GRef) {
    let Some(p) = m.p() else {
        if !syscall::take_idle_p(m) {
            wait_in_line(m, g, || ());
        }
        return;
    };
    // Acquire: pairs with `procs::set`, which marks the P as retired first.
    p.attention.swap(false, Ordering::Acquire);
    let wanted = p.has_next()
        || p.has_queued()
        || SCHED.queue_len.load(Ordering::Relaxed) != 0
        || p.retired.load(Ordering::Relaxed);
    if wanted && may_wait(m, g) {
        wait_in_line(m, g, || {
            m.release_p();
            idle::handoffp(p);
        });
    }
}

/// Waits for a P behind the goroutines that wait already, on this thread: the goroutine queues
/// itself as locked to it, and whoever finds it hands its P to us.
fn wait_in_line(m: &'static M, g: GRef, give_up_p: impl FnOnce()) {
    let was_locked = !g.locked_m.load(Ordering::Relaxed).is_null();
    g.locked_m
        .store(std::ptr::from_ref(m).cast_mut().cast(), Ordering::Relaxed);
    g.set_status(Status::Runnable);
    if tracing::on() {
        tracing::run_ends(m, g);
    }
    // From here on we may be given a P at any time: it waits in `next_p` until we sleep.
    idle::put_global(g);
    give_up_p();
    // Not on g0: the M sleeps here, on the goroutine's own stack.
    idle::sleep_for_p(m);
    if let Some(p) = m.p() {
        // Or the tick would stand still, and every 61st look at the global queue become every one.
        p.count_run(true);
    }
    if !was_locked {
        g.locked_m.store(std::ptr::null_mut(), Ordering::Relaxed);
    }
    g.set_status(Status::Running);
    if tracing::on() {
        tracing::run_begins(m);
    }
}

/// Is there a place in line, which costs a thread, for this goroutine? It keeps its place until it
/// leaves the thread. Beyond the limit a place is given for patience, so that endless loops take
/// turns, however many they are.
fn may_wait(m: &M, g: GRef) -> bool {
    // Its thread serves nobody else anyway.
    if m.locked_g.get().is_some() || m.count_as_hog(hog_limit()) {
        return true;
    }
    let (id, now) = (g.id.load(Ordering::Relaxed), thread::own_cpu_time());
    let (refused, since) = m.refused.get();
    if refused != id {
        m.refused.set((id, now));
        return false;
    }
    has_earned(now - since) && idle::threads_left() && m.count_as_hog(i32::MAX)
}

/// Has a goroutine computed so long that it gets a thread of its own beyond the limit? The longer,
/// the more there are already: tasks of up to a tenth of a second of CPU never do, and the threads
/// that longer ones make are few.
pub(crate) fn has_earned(cpu: i64) -> bool {
    const LEAST: i64 = 100_000_000;
    let (hogs, limit) = (SCHED.hogs.load(Ordering::Relaxed), hog_limit());
    limit > 0 && cpu >= LEAST * i64::from(hogs / limit).max(1)
}

/// How many threads may be kept at once by goroutines that do not give way when asked, before they have
/// to earn it: `debug::set_max_hogs`, else four a P, at most 64. With 0 nobody gets one.
pub(crate) fn hog_limit() -> i32 {
    match MAX_HOGS.load(Ordering::Relaxed) {
        n if n >= 0 => n,
        _ => (4 * SCHED.procs.load(Ordering::Relaxed) as i32).min(64),
    }
}

/// `debug::set_max_hogs`; negative = by default.
pub(crate) static MAX_HOGS: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(-1);
