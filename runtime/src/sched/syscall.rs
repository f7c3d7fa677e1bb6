//! Bracketed blocking calls: Go's `entersyscall` and `exitsyscall`.
//!
//! The P stays with the M, in case the call is short; if it is not, sysmon takes the P after 20 us
//! when there is work for it, by the protocol of [`section`]. The M is outside any section meanwhile.
//!
//! The bracket is the goroutine's ([`flag::SYSCALL`]), its M only shows it (`in_syscall`). What parks
//! inside leaves the bracket first and enters it again on the M where it goes on, as a callback from C
//! does in Go; so no M shows a bracket of a goroutine that is not there.

use super::global::SCHED;
use super::m::M;
use super::park::{current_g, park};
use super::{idle, section};
use crate::g::{GRef, Status, WaitReason, header::flag};
use crate::panic::before_block;
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
    if g.has(flag::SYSCALL) {
        return false;
    }
    enter_again(g);
    true
}

/// `g` runs here.
fn enter_again(g: GRef) {
    let Some(section) = section::enter() else {
        return;
    };
    if let Some(p) = section.p() {
        p.syscall_tick.store(
            p.syscall_tick.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
    }
    g.set_status(Status::Syscall);
    g.set_flag(flag::SYSCALL, true);
    section.m().in_syscall.store(true, Ordering::Relaxed);
    super::sysmon::hurry();
}

/// Runs `park`, in which `g`, which runs here, leaves its M, outside the bracket that it may be in.
#[cold]
#[inline(never)]
pub(super) fn outside(g: GRef, park: impl FnOnce()) {
    let bracketed = g.has(flag::SYSCALL);
    if bracketed {
        leave(g);
    }
    park();
    if bracketed {
        // On a goroutine, so on an M: maybe not the one from before.
        enter_again(g);
    }
}

fn leave(g: GRef) {
    if let Some(m) = M::current() {
        m.in_syscall.store(false, Ordering::Relaxed);
    }
    g.set_flag(flag::SYSCALL, false);
}

/// Gets a P again: still ours, an idle one, or in line for one.
fn exit() {
    let Some(m) = M::current() else { return };
    let Some(g) = m.curg() else { return };
    section::begin(m);
    leave(g);
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
