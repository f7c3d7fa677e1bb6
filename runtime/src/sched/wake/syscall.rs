//! Bracketed blocking calls: Go's `entersyscall` and `exitsyscall`.
//!
//! The P stays with the M, in case the call is short; if it is not, sysmon takes the P after 20 us
//! when there is work for it, by the protocol of [`section`]. The M is outside any section meanwhile.
//!
//! The mark itself is in [`bracket`].

use super::park::give_way;
use super::{idle, sleep};
use crate::g::{Status, flag};
use crate::panic::before_block;
use crate::sched::state::m::current_g;
use crate::sched::state::{bracket, section};
use crate::switch::away;

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

/// `false`: there is nothing to leave afterwards.
fn enter() -> bool {
    before_block(); // afterwards is too late
    let Some(g) = current_g() else { return false };
    if g.has(flag::SYSCALL) {
        return false;
    }
    bracket::enter(g);
    true
}

/// Gets a P again: still ours, an idle one, or in line for one.
fn exit() {
    let Some(g) = current_g() else { return };
    let Some(mut section) = section::enter() else {
        return;
    };
    bracket::leave(g);
    g.set_status(Status::Running);
    if section.p().is_some() || sleep::take_idle_p(&mut section) {
        return;
    }
    drop(section);
    let _away = away();
    // In line, on the global queue; this thread goes to sleep and the goroutine may come back on
    // another one.
    give_way(|g| {
        g.set_status(Status::Runnable);
        idle::put_global(g);
    });
}
