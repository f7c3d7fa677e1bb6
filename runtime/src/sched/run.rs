//! The loop of an M on its own stack: find a goroutine, run it until it leaves its stack, see why.

use super::global::SCHED;
use super::m::M;
use super::{fatal, find, idle, spawn, template, tracing};
use crate::g::{GRef, Status};
use crate::sys::{inject, thread::SignalStack};
use std::io;
use std::ptr;
use std::sync::atomic::Ordering;

/// Makes the thread of `m`. Called by the template thread, whose state it inherits.
pub(crate) fn spawn_thread(m: &'static M) -> io::Result<()> {
    inject::fault("clone")?;
    let builder = std::thread::Builder::new().name("goroutines".into());
    builder.spawn(move || run_thread(m)).map(drop)
}

fn run_thread(m: &'static M) {
    let signal_stack = match SignalStack::install() {
        Ok(stack) => stack,
        Err(e) => return template::refused(m, &e),
    };
    template::granted();
    m.bind();
    let fatal = Fatal;
    let p = m.next_p.swap(ptr::null_mut(), Ordering::Relaxed);
    // SAFETY: whoever wanted the thread stored a P that nobody owns.
    m.acquire_p(unsafe { &*p });
    schedule(m);
    std::mem::forget(fatal);
    M::unbind();
    drop(signal_stack);
    m.retire();
    SCHED.threads.fetch_sub(1, Ordering::SeqCst);
}

/// A panic in the scheduler's own code would take a P and what is queued there with its thread.
struct Fatal;

impl Drop for Fatal {
    fn drop(&mut self) {
        fatal::throw("panic in the scheduler");
    }
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
