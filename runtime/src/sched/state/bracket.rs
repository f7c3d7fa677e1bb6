//! The mark of a bracketed blocking call.
//!
//! The bracket is the goroutine's ([`flag::SYSCALL`]), its M only shows it (`in_syscall`). What parks
//! inside leaves the bracket first and enters it again on the M where it goes on, as a callback from C
//! does in Go; so no M shows a bracket of a goroutine that is not there.

use super::m::M;
use super::sched::SCHED;
use super::section;
use crate::g::{GRef, Status, flag};
use std::sync::atomic::{Ordering, fence};

/// `g` runs here.
pub(crate) fn enter(g: GRef) {
    let Some(section) = section::enter() else {
        return;
    };
    if let Some(p) = section.p() {
        p.count_call();
    }
    g.set_status(Status::Syscall);
    g.set_flag(flag::SYSCALL, true);
    section.m().enters_call();
    // SeqCst: pairs with the one in `announces_long_sleep`. Either we see that sysmon is slow, or it sees the call.
    fence(Ordering::SeqCst);
    SCHED.alarm.hurry();
}

/// Runs `park`, in which `g`, which runs here, leaves its M, outside the bracket that it may be in.
#[cold]
#[inline(never)]
pub(crate) fn outside(g: GRef, park: impl FnOnce()) {
    let bracketed = g.has(flag::SYSCALL);
    if bracketed {
        leave(g);
    }
    park();
    if bracketed {
        // On a goroutine, so on an M: maybe not the one from before.
        enter(g);
    }
}

/// It leaves the bracket, here.
pub(crate) fn leave(g: GRef) {
    if let Some(m) = M::current() {
        m.leaves_call();
    }
    g.set_flag(flag::SYSCALL, false);
}
