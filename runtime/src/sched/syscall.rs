//! Bracketed blocking calls: Go's `entersyscall` and `exitsyscall`.
//!
//! The P stays with the M, in case the call is short; if it is not, sysmon takes the P after 20 us
//! when there is work for it, by the protocol of [`section`]. The M is outside any section meanwhile.

use super::global::SCHED;
use super::m::M;
use super::panic::before_block;
use super::park::{current_g, park};
use super::{idle, section};
use crate::g::{GRef, Status, WaitReason};
use std::sync::atomic::Ordering;

/// Runs `f`, which may block the thread, without keeping other goroutines waiting.
///
/// On a plain thread, and inside another bracketed call, it just runs `f`.
pub(crate) fn blocking<R>(f: impl FnOnce() -> R) -> R {
    /// Leaves the bracket also when `f` panics.
    struct Bracket;
    impl Drop for Bracket {
        fn drop(&mut self) {
            exit();
        }
    }
    let bracket = enter().then_some(Bracket);
    let r = f();
    drop(bracket);
    r
}

/// `false`: nothing to leave afterwards.
fn enter() -> bool {
    before_block(); // afterwards is too late
    let Some(g) = current_g() else { return false };
    let Some(section) = section::enter() else {
        return false;
    };
    let m = section.m();
    if m.in_syscall.load(Ordering::Relaxed) {
        return false;
    }
    if let Some(p) = section.p() {
        p.syscall_tick.store(
            p.syscall_tick.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
    }
    g.set_status(Status::Syscall);
    m.in_syscall.store(true, Ordering::Relaxed);
    super::sysmon::hurry();
    true
}

/// Gets a P again: still ours, an idle one, or in line for one.
fn exit() {
    let Some(m) = M::current() else { return };
    section::begin(m);
    m.in_syscall.store(false, Ordering::Relaxed);
    let Some(g) = m.curg() else { return };
    g.set_status(Status::Running);
    if m.p().is_some() || take_idle_p(m) {
        section::end();
        return;
    }
    section::end();
    // In line, on the global queue; this thread goes to sleep and the goroutine may come back on
    // another one.
    unsafe fn commit(g: *mut ()) -> bool {
        // SAFETY: the running goroutine's pointer, passed below.
        let g = unsafe { GRef::from_ptr(g.cast()).unwrap_unchecked() };
        g.set_status(Status::Runnable);
        idle::put_global(g);
        true
    }
    // SAFETY: the commit queues the goroutine, which has left its stack.
    unsafe { park(WaitReason::None, commit, g.as_ptr().cast()) };
}

/// Takes an idle P, if there is one.
pub(crate) fn take_idle_p(m: &'static M) -> bool {
    if SCHED.idle_ps.load(Ordering::Relaxed) == 0 {
        return false;
    }
    let p = SCHED.lock().take_idle_p();
    match p {
        Some(p) => {
            m.acquire_p(p);
            super::sysmon::work_began();
            true
        }
        None => false,
    }
}
