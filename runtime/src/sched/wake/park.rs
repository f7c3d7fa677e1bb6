//! Waiting and waking: [`park`] and [`ready`] (Go's `gopark` and `goready`).

use super::{asleep, idle};
use crate::g::waiter::{Kind, ThreadParker};
use crate::g::{GRef, Status, WaitReason, Waiter, flag};
use crate::panic;
use crate::sched::state::commit::Commit;
use crate::sched::state::hooks;
use crate::sched::state::m::{self, M, current_g, me};
use crate::sched::state::mine::Here;
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::{bracket, fatal, section, tracing, trim};
use crate::sys::spin::{SpinGuard, SpinLock};
use crate::sys::walk::Saved;
use std::mem::ManuallyDrop;

/// Blocks the caller until a waker calls [`ready`] with its [`Waiter`]. There are no spurious
/// wake-ups: `park` returns exactly once for one `ready`.
///
/// `commit` runs once the goroutine's stack has been left (on the M's own stack); until it has run,
/// no waker may call `ready`. It publishes the waiter, usually by releasing the lock under which
/// the waiter was queued. Returning `false` cancels the wait: `park` returns at once.
///
/// # Safety
/// `commit` must be sound to call on another stack of the same thread. It must not panic, block, run user code or
/// park. What it borrows may be gone as soon as it has published the waiter.
#[inline(always)]
pub(crate) unsafe fn park<C: FnOnce() -> bool>(reason: WaitReason, commit: C) {
    let mut commit = ManuallyDrop::new(commit);
    // SAFETY: forwarded; the frame waits at least until the closure has been moved.
    park_raw(reason, unsafe { Commit::new(&mut commit) });
}

/// [`park`] with a commit that owns what it uses. (A panic in it, or an attempt to block, ends the process.)
#[inline(always)]
pub(crate) fn park_owned<C: FnOnce() -> bool + 'static>(reason: WaitReason, commit: C) {
    // SAFETY: it borrows nothing of the frame, nor of the thread.
    unsafe { park(reason, commit) }
}

/// The running goroutine leaves its stack and is given to `queue`. Nothing on a plain thread.
#[inline(always)]
pub(crate) fn give_way(queue: impl FnOnce(Runnable) + 'static) {
    hand_over(WaitReason::None, |g| {
        queue(g);
        None
    });
}

/// The running goroutine leaves its stack and is given to `to`, which keeps it until it is to run again, or gives it
/// back: then it goes on at once. Nothing on a plain thread.
#[inline(always)]
pub(crate) fn hand_over(
    reason: WaitReason,
    to: impl FnOnce(Runnable) -> Option<Runnable> + 'static,
) {
    let Some(g) = current_g() else { return };
    park_owned(reason, move || {
        // SAFETY: it has left its stack, and no other thread knows that it could run.
        let back = to(unsafe { Runnable::new(g) });
        back.is_none()
    });
}

/// [`park`] with a commit as the [`M`] knows it.
#[inline(never)]
fn park_raw(reason: WaitReason, commit: Commit) {
    let Some(here) = Here::get() else {
        return park_thread(reason, commit);
    };
    let g = here.g;
    // A backstop: `before_block` has seen to it, where that is possible. To unwind from here would
    // leave a lock taken and a waiter queued.
    if cfg!(debug_assertions) && me().is_some_and(|g| g.no_suspend() > 0 && !panic::may_block(g)) {
        fatal::throw("suspended inside a NoSuspend scope");
    }
    if g.has(flag::FAMILY | flag::SYSCALL) {
        let park = if g.has(flag::FAMILY) {
            hooks::get().park
        } else {
            switch_from_bracket
        };
        return bracket::outside(g, || park(here, reason, commit));
    }
    switch(here, reason, commit);
}

/// [`switch`], out of line.
#[cold]
#[inline(never)]
fn switch_from_bracket(here: Here, reason: WaitReason, commit: Commit) {
    switch(here, reason, commit);
}

/// The running goroutine leaves its stack until it is resumed.
#[inline(always)]
pub(crate) fn switch(here: Here, reason: WaitReason, commit: Commit) {
    let (m, g) = (here.m(), here.g);
    trim::trim_if_asked(g);
    section::begin(&here);
    // A panicking goroutine keeps its thread: std counts panics per thread.
    let keep = std::thread::panicking() && keep_thread(m, g);
    // In this order: whoever sees from outside that it waits sees where.
    let at = Saved::here(here.own().stamp());
    g.set_parked_at(&at);
    g.set_waiting(reason, SCHED.coarse_now());
    here.own().commit.set(Some(commit));
    // SAFETY: we are on this goroutine's stack, as `Here` says.
    unsafe { g.coro.suspend() };
    // This may be another thread: nothing about `m` holds any more.
    if keep {
        release_thread(g);
    }
    // SAFETY: begun by the M that has resumed us, in its loop, which goes on with a section of its own.
    unsafe { section::end() };
}

/// `true` if this call locked the goroutine to the thread.
#[cold]
fn keep_thread(m: &'static M, g: GRef) -> bool {
    // (A goroutine that stays has its thread, but shares it.)
    if g.has(flag::KEEPS_THREAD) || m.locked_g().is_some() {
        return false;
    }
    g.set_flag(flag::KEEPS_THREAD, true);
    m::name(&g.locked_m, m);
    m.lock_to(Some(g));
    true
}

#[cold]
fn release_thread(g: GRef) {
    g.set_flag(flag::KEEPS_THREAD, false);
    g.lock_to_home();
    if let Some(m) = M::current() {
        m.lock_to(None);
    }
}

/// (A plain thread stays on its stack and cannot be resumed early, since the parker remembers a wake-up.)
#[cold]
#[inline(never)]
fn park_thread(reason: WaitReason, commit: Commit) {
    assert!(
        M::current().is_none(),
        "the scheduler's own code must not block"
    );
    if !commit.run() {
        return;
    }
    if reason == WaitReason::IoWait {
        idle::wakep();
    }
    asleep::check();
    ThreadParker::current().sleep();
}

/// [`park`] whose commit is to give the lock back under which the caller was queued.
#[inline]
pub(crate) fn park_unlock<T>(reason: WaitReason, guard: SpinGuard<'_, T>) {
    // SAFETY: held, by the guard.
    unsafe { park_releasing(reason, guard.into_lock()) };
}

/// [`park_unlock`] without a guard.
///
/// # Safety
/// The caller holds `lock`, on this thread.
#[inline]
pub(crate) unsafe fn park_releasing(reason: WaitReason, lock: &SpinLock) {
    let lock = std::ptr::from_ref(lock);
    // SAFETY: releasing a held lock neither blocks nor panics, and the lock is there at least until then.
    unsafe {
        park(reason, move || {
            (*lock).unlock();
            true
        });
    }
}

/// Makes `w` runnable; it will be the next to run on this P, with the current time slice.
///
/// # Safety
/// The caller has the exclusive right to wake `w`: `w` is committed to a [`park`] and was taken
/// out of its queue under the lock that `commit` released. After this call `w` and everything on
/// its stack may be gone: copy what is needed before. Call it without holding any spinlock.
#[inline]
pub(crate) unsafe fn ready(w: Waiter) {
    // SAFETY: the caller has the right to wake it, once.
    unsafe {
        match w.kind() {
            Kind::G(g) => ready_g(g),
            Kind::Thread(t) => t.wake(),
            Kind::Task(task) => (task.as_ref().woken)(task),
        }
    }
}

/// [`ready`] for a goroutine.
///
/// # Safety
/// As there.
#[inline]
pub(crate) unsafe fn ready_g(g: GRef) {
    // SAFETY: forwarded.
    if let Some(g) = hooks::readied(unsafe { Runnable::new(g) }) {
        make_runnable(g);
    }
}

/// Queues a goroutine that has just been woken.
#[inline]
pub(crate) fn make_runnable(g: Runnable) {
    g.set_status(Status::Runnable);
    g.g().prefetch_parked();
    if tracing::on() {
        tracing::readied(g.g(), false);
    }
    if let Some(section) = section::enter()
        && let Some(p) = section.p()
    {
        // A message that goes round a ring, or down a pipeline: each wakes the one that was started after it. Its own
        // turn is short, so the one after that is fetched now.
        if let Some(me) = section.curg() {
            let step = g.slot().wrapping_sub(me.slot());
            if section.own().step.replace(step) == step {
                g.g().prefetch_after(step);
            }
        }
        return idle::put_next(&p, g);
    }
    idle::put_global(g);
}
