//! What the template thread has to do: Ms that want a thread, and whatever else it is woken for.

use super::free_m::FreeM;
use super::m::M;
use super::never_freed::AtomicRef;
use crate::sys::futex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Threads of the runtime that are no Ms: the template thread and sysmon.
pub(crate) const THREADS: usize = 2;

/// Ms that wait for their thread, linked by `idle_link`.
static WANTED: AtomicRef<M> = AtomicRef::none();
/// Raised with each.
static NOTE: AtomicU32 = AtomicU32::new(0);

/// An M is in line from now on: watches sysmon, which may come to need what a paused goroutine holds, an
/// allocator's lock, say.
pub(crate) fn watch() {
    wake();
}

/// Has it come round once.
pub(crate) fn wake() {
    NOTE.fetch_add(1, Ordering::Release);
    futex::wake(&raw const NOTE);
}

/// The same from a signal's handler; async-signal-safe.
pub(crate) fn wake_in_handler() {
    NOTE.fetch_add(1, Ordering::Release);
    futex::wake_in_handler(&raw const NOTE);
}

/// Has a thread made for `m`, which has its P in `next_p` and is counted in `SCHED.threads`.
pub(crate) fn want(m: FreeM) {
    WANTED.push(m.m(), &m.idle_link);
    wake();
}

/// The note, for [`sleep`].
pub(crate) fn note() -> u32 {
    NOTE.load(Ordering::Acquire)
}

/// The template thread sleeps, unless the note has been raised.
pub(crate) fn sleep(note: u32, patience: Option<Duration>) {
    futex::wait(&NOTE, note, patience);
}

/// The Ms that want a thread; `None` if there are none.
pub(crate) fn take() -> Option<impl Iterator<Item = FreeM>> {
    // Acquire: pairs with the Release in `want`.
    let first = WANTED.swap(None, Ordering::Acquire)?;
    // (The link is read before the M is handed out, which then goes its way.)
    let link = |m: &&'static M| m.idle_link.load(Ordering::Relaxed);
    let ms = std::iter::successors(Some(first), link);
    // SAFETY: put there by `want` alone, of one each, and the list has been taken as a whole.
    Some(ms.map(|m| unsafe { FreeM::new(m) }))
}
