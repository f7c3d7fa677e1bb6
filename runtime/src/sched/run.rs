//! The loop of an M on its own stack: find a goroutine, run it until it leaves its stack, see why.

use super::global::SCHED;
use super::m::M;
use super::p::P;
use super::{find, idle, spawn, tracing};
use crate::g::{GRef, Status};
use std::ptr;
use std::sync::atomic::Ordering;

/// Makes a thread that runs `p`. `false`: the system refused.
pub(crate) fn spawn_thread(p: &'static P, spinning: bool) -> bool {
    let spawned = std::thread::Builder::new()
        .name("goroutines".into())
        .spawn(move || {
            let m = M::new();
            SCHED.add_m(m);
            m.bind();
            m.spinning.set(spinning);
            m.acquire_p(p);
            schedule(m);
            M::unbind();
            SCHED.threads.fetch_sub(1, Ordering::SeqCst);
        });
    spawned.is_ok()
}

/// Runs goroutines for ever; returns only when the thread must end, because a goroutine ended
/// while locked to it. The M is bound to this thread and inside the runtime.
pub(crate) fn schedule(m: &'static M) {
    loop {
        let (g, inherits) = next(m);
        if !execute(m, g, inherits) {
            break;
        }
    }
    m.locked_g.set(None);
    if let Some(p) = m.release_p() {
        idle::handoffp(p);
    }
}

/// What to run next on this M.
fn next(m: &'static M) -> find::Found {
    if let Some(g) = m.locked_g.get() {
        idle::stop_locked(m);
        return (g, false);
    }
    loop {
        if m.p().is_none() {
            idle::stopm(m);
        }
        let (g, inherits) = find::find_runnable(m);
        find::reset_spinning(m);
        // Relaxed: the goroutine came out of a queue, which ordered the write before us.
        let locked = g.locked_m.load(Ordering::Relaxed).cast::<M>();
        if locked.is_null() || ptr::eq(locked, m) {
            return (g, inherits);
        }
        // SAFETY: set by `lock_os_thread` from a real M; Ms are never freed.
        idle::start_locked(m, unsafe { &*locked });
    }
}

/// Runs `g` until it parks or ends. `false`: the thread must end with it.
fn execute(m: &'static M, g: GRef, inherits: bool) -> bool {
    let p = m.p().expect("runs goroutines with a P");
    p.count_run(!inherits);
    loop {
        m.stackguard.store(g.stackguard.get(), Ordering::Relaxed);
        m.curg.store(g.as_ptr(), Ordering::Relaxed);
        g.set_status(Status::Running);
        if tracing::on() {
            tracing::run_begins(m);
        }
        // SAFETY: `g` came out of a queue (or was never given away): it is ours and suspended.
        let ended = unsafe { g.coro.resume() };
        m.curg.store(ptr::null_mut(), Ordering::Relaxed);
        m.settle_hog();
        if tracing::on() {
            tracing::run_ends(m, g);
        }
        if ended {
            return spawn::bury(m, g);
        }
        let (commit, arg) = m.commit.take().expect("a suspension has a commit");
        // SAFETY: `park`'s caller promised that it may run here, once. From here on `g` may be
        // running elsewhere, unless the commit says that it does not wait.
        if unsafe { commit(arg) } {
            return true;
        }
    }
}
