//! Giving way when sysmon asks.
//!
//! sysmon sets the P's `attention` and poisons the M's `stackguard`. An **implicit point** (a
//! `#[goroutine]` function's prologue, a loop's back-edge) that sees it gives up the P, and the M
//! waits in line for one, as after a system call; the goroutine stays on its thread, because the
//! code around the point may hold what is bound to it (`stdout().lock()`, a `LocalKey` borrow).
//! An **explicit point** (`checkpoint`, `gosched`) may move the goroutine.

use super::global::SCHED;
use super::m::M;
use super::park::gosched;
use super::{idle, section, tracing};
use crate::g::{GRef, Status};
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
        gosched();
    }
}

/// A loop's back-edge in a `#[goroutine]` function.
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
    if std::thread::panicking() || m.in_syscall.load(Ordering::Relaxed) {
        return;
    }
    section::begin(m);
    wait_in_line(m, g);
    section::end();
}

/// Gives up the P and waits for one behind the goroutines that wait already; on this thread. If
/// nobody waits, keeps the P.
fn wait_in_line(m: &'static M, g: GRef) {
    let Some(p) = m.p() else { return };
    p.attention.store(false, Ordering::Relaxed);
    if !p.has_next()
        && !p.has_queued()
        && SCHED.queue_len.load(Ordering::Relaxed) == 0
        && !p.retired.load(Ordering::Relaxed)
    {
        return;
    }
    if !may_detach() {
        return;
    }
    // The goroutine queues itself as locked to this thread; whoever finds it hands its P to us.
    let was_locked = !g.locked_m.load(Ordering::Relaxed).is_null();
    g.locked_m
        .store(std::ptr::from_ref(m).cast_mut().cast(), Ordering::Relaxed);
    g.set_status(Status::Runnable);
    if tracing::on() {
        tracing::run_ends(m, g);
    }
    m.release_p();
    // Not on g0: the M sleeps here, on the goroutine's own stack.
    SCHED.put(g);
    idle::handoffp(p);
    idle::sleep_for_p(m);
    SCHED.hogs.fetch_sub(1, Ordering::Relaxed);
    if !was_locked {
        g.locked_m.store(std::ptr::null_mut(), Ordering::Relaxed);
    }
    g.set_status(Status::Running);
    if tracing::on() {
        tracing::run_begins(m);
    }
}

/// Room for one more thread that waits or runs without a P? Counts it if so.
fn may_detach() -> bool {
    let limit = hog_limit();
    SCHED
        .hogs
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
            (n < limit).then_some(n + 1)
        })
        .is_ok()
}

/// How many threads may run goroutines without a P at once: `debug::set_max_hogs`, else four a P,
/// at most 64.
pub(crate) fn hog_limit() -> i32 {
    match MAX_HOGS.load(Ordering::Relaxed) {
        n if n >= 0 => n,
        _ => (4 * SCHED.procs.load(Ordering::Relaxed) as i32).min(64),
    }
}

/// `debug::set_max_hogs`; negative = by default.
pub(crate) static MAX_HOGS: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(-1);
