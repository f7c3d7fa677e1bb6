//! The loop of an M on its own stack: find a goroutine, run it until it leaves its stack, see why.

use super::queues::Found;
use super::{find, home, refused, spin};
use crate::g::Status;
use crate::sched::life::{begin, bury};
use crate::sched::state::body::Body;
use crate::sched::state::free_m::FreeM;
use crate::sched::state::m::{M, is_first, locked_m};
use crate::sched::state::p::FreeP;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::{self, Section};
use crate::sched::state::{fatal, tracing, trim};
use crate::sched::wake::{idle, sleep as wait};
use crate::stack::arena;
use crate::sys::inject;
use crate::sys::mutex::Mutex;
use crate::sys::thread::{self, SignalStack, Thread, ThreadStack};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes the thread of `m`. Called by the template thread, whose state it inherits.
pub(crate) fn spawn_thread(m: FreeM) -> Result<(), (FreeM, io::Error)> {
    start_thread(&m).map_err(|e| (m, e))
}

fn start_thread(m: &FreeM) -> io::Result<()> {
    inject::fault("clone")?;
    // Held until the thread has begun: only the template thread comes here.
    let mut body = m.body();
    let stack = match body.take().map(Body::into_stack) {
        Some(Ok(stack)) => stack,
        Some(Err(ending)) => free_stack(Some(ending))?,
        None => free_stack(None)?,
    };
    let raw = ptr::from_ref(m.m()).cast_mut().cast();
    // SAFETY: nobody else uses the stack, as seen to above; the thread is given the M as its own.
    let started = unsafe { Thread::start(&stack, run_thread, raw) };
    let (thread, result) = match started {
        Ok(thread) => (Some(thread), Ok(())),
        Err(e) => (None, Err(e)),
    };
    *body = Some(Body { stack, thread });
    result
}

/// A stack that no thread uses. `ending` is one whose thread is still at its end, where destructors of
/// thread-locals, the program's among them, run for as long as they like.
fn free_stack(ending: Option<Body>) -> io::Result<ThreadStack> {
    static ENDING: Mutex<Vec<Body>> = Mutex::new(Vec::new());
    let mut all = ENDING.lock();
    let mut free = None;
    for body in std::mem::take(&mut *all).into_iter().chain(ending) {
        match free {
            None => match body.into_stack() {
                Ok(stack) => free = Some(stack),
                Err(body) => all.push(body),
            },
            Some(_) => all.push(body),
        }
    }
    drop(all);
    free.map_or_else(thread_stack, Ok)
}

/// A stack for an M, below the arena and the stacks before it. So code on a goroutine's stack that asks how
/// much stack its thread has left finds more than it could use, and never less than none.
fn thread_stack() -> io::Result<ThreadStack> {
    static LOWEST: AtomicUsize = AtomicUsize::new(usize::MAX);
    let high = LOWEST.load(Ordering::Relaxed).min(arena::low());
    let stack = ThreadStack::below(high)?;
    // Only the template thread comes here.
    LOWEST.store(high.min(stack.low()), Ordering::Relaxed);
    Ok(stack)
}

extern "C" fn run_thread(m: *mut c_void) -> *mut c_void {
    // SAFETY: `spawn_thread` passes an M, which nobody has now that there is a thread; Ms are never freed.
    run_m(unsafe { FreeM::new(&*m.cast::<M>()) });
    ptr::null_mut()
}

fn run_m(m: FreeM) {
    thread::set_name(c"goroutines");
    let signal_stack = match SignalStack::install() {
        Ok(stack) => stack,
        Err(e) => return refused::refused(m, &e),
    };
    refused::granted();
    let p = m.take_left_p().expect("made for a P");
    let bound = m.bind();
    let fatal = Fatal;
    schedule(Some(p));
    std::mem::forget(fatal);
    let m = bound.unbind();
    drop(signal_stack);
    m.retire();
    SCHED.thread_goes();
}

/// A panic in the scheduler's own code would take away, with its thread, a P and what is queued there.
struct Fatal;

impl Drop for Fatal {
    fn drop(&mut self) {
        fatal::throw("panic in the scheduler");
    }
}

/// Runs goroutines for ever; returns only when the thread must end, because a goroutine ended
/// while locked to it. The calling thread has an M, which begins with `p`, or bound.
pub(crate) fn schedule(p: Option<FreeP>) {
    let mut section = section::enter().expect("on a thread of ours");
    let m = &mut section;
    if let Some(p) = p {
        m.acquire_p(p);
    }
    loop {
        let found = next(m);
        if !execute(m, found.g, found.inherits_slice) {
            m.lock_to(None);
            // The thread that it has locked ends with it, unless others live there.
            if !m.home.is_one() {
                break;
            }
        }
    }
    if let Some(p) = m.release_p() {
        idle::handoffp(p);
    }
}

/// What to run next on this M.
fn next(m: &mut Section) -> Found {
    if m.home.is_one() {
        return home::next(m);
    }
    if is_first(m) || m.locked_g().is_some() {
        wait::stop_locked(m);
        let g = m.take_left_g();
        return Found::fresh(g.expect("woken for its goroutine"));
    }
    loop {
        if m.p().is_none() {
            wait::stopm(m);
        }
        let found = find::find_runnable(m);
        spin::found_work(m);
        // Relaxed: the goroutine came out of a queue, which ordered the write before us.
        let Some(locked) = locked_m(found.g.g()).filter(|&locked| !ptr::eq(locked, m.m())) else {
            return found;
        };
        if locked.home.is_one() {
            home::post(m, locked, found.g);
        } else {
            wait::start_locked(m, locked, found.g);
        }
    }
}

/// Runs `g` until it parks or ends. `false`: the thread must end too.
fn execute(m: &Section, g: Runnable, inherits: bool) -> bool {
    let p = m.p().expect("runs goroutines with a P");
    let g = begin::with_stack(&p, g);
    p.count_run(!inherits);
    loop {
        m.resumes(g);
        g.set_status(Status::Running);
        trim::before_resuming(g);
        if tracing::on() {
            tracing::run_begins(m);
        }
        // SAFETY: it was runnable, and is no other M's (or it does not wait, as its commit has said): suspended.
        let ended = unsafe { g.coro.resume() };
        m.has_left();
        if m.hog.settle() {
            // It has not been a short one.
            m.own().on_trial.set(false);
        }
        if tracing::on() {
            tracing::run_ends(m, g);
        }
        if ended {
            // SAFETY: it has ended.
            return unsafe { bury::bury(m, g) };
        }
        let commit = m.own().commit.take().expect("a suspension has a commit");
        // From here on `g` may be running elsewhere, unless the commit says that it does not wait.
        if commit.run() {
            return true;
        }
    }
}
