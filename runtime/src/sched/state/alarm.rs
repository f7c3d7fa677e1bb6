//! sysmon's alarm: how whoever has something for it ends its sleep.

use crate::sys::futex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// Bumped to end sysmon's sleep.
static NOTE: AtomicU32 = AtomicU32::new(0);
/// It sleeps for longer than the least delay.
static SLOW: AtomicBool = AtomicBool::new(false);
/// It sleeps without end.
static DEEP: AtomicBool = AtomicBool::new(false);

/// There may soon be something to watch closely.
#[inline(always)]
pub(crate) fn hurry() {
    // Sequentially consistent: who took a P off the idle list before sees the mark, or sysmon sees that not everybody
    // is idle ([`sleep_idle`]).
    if SLOW.load(Ordering::SeqCst) {
        wake();
    }
}

/// Not everybody is idle any more.
#[inline(always)]
pub(crate) fn work_began() {
    // Sequentially consistent, as are the change of `idle_ps` before it and both accesses in
    // `Sysmon::sleep`: either we see the mark, or sysmon sees that a P is not idle.
    if DEEP.load(Ordering::SeqCst) {
        wake();
    }
}

/// Ends its sleep.
#[cold]
#[inline(never)]
pub(crate) fn wake() {
    raise();
    futex::wake(&raw const NOTE);
}

/// The same from a signal's handler; async-signal-safe.
pub(crate) fn wake_in_handler() {
    raise();
    futex::wake_in_handler(&raw const NOTE);
}

fn raise() {
    SLOW.store(false, Ordering::Relaxed);
    DEEP.store(false, Ordering::Relaxed);
    NOTE.fetch_add(1, Ordering::SeqCst);
}

/// The note, for the sleeps: sysmon takes it before it looks at anything for which it may be called.
pub(crate) fn note() -> u32 {
    NOTE.load(Ordering::SeqCst)
}

/// sysmon sleeps, unless it was called since it took `note`; `slow`: for longer than the least delay. Was it called?
pub(crate) fn sleep(note: u32, slow: bool, delay: Duration) -> bool {
    SLOW.store(slow, Ordering::Relaxed);
    futex::wait(&NOTE, note, Some(delay));
    NOTE.load(Ordering::SeqCst) != note
}

/// [`sleep`] for the longer delay, if everybody is `idle` once it has said that it may be long. Whoever runs again
/// calls it when there is something to watch.
pub(crate) fn sleep_idle(
    note: u32,
    delay: Duration,
    most: Duration,
    idle: impl FnOnce() -> bool,
) -> bool {
    SLOW.store(true, Ordering::SeqCst);
    let delay = if idle() { most } else { delay };
    futex::wait(&NOTE, note, Some(delay));
    NOTE.load(Ordering::SeqCst) != note
}

/// sysmon sleeps until it is called, if everybody is `idle` once it has said that it does.
pub(crate) fn sleep_deeply(note: u32, slow: bool, idle: impl FnOnce() -> bool) -> bool {
    SLOW.store(slow, Ordering::Relaxed);
    DEEP.store(true, Ordering::SeqCst);
    if idle() {
        futex::wait(&NOTE, note, None);
    }
    DEEP.store(false, Ordering::Relaxed);
    NOTE.load(Ordering::SeqCst) != note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::inject::in_child;

    /// In a process without a sysmon, which would be called, too.
    #[test]
    fn who_calls_while_it_is_looked_whether_all_are_idle_is_heard() {
        const NAME: &str = "sched::state::alarm::tests::who_calls_while_it_is_looked_whether_all_are_idle_is_heard";
        let child = in_child(NAME, "", |_| {
            let (short, long) = (Duration::from_micros(20), Duration::from_secs(10));
            let idle = || {
                hurry();
                true
            };
            assert!(sleep_idle(note(), short, long, idle));
            assert!(!sleep_idle(note(), short, long, || false));
        });
        if let Some(child) = child {
            let text = String::from_utf8_lossy(&child.stderr);
            assert!(child.status.success(), "{text}");
        }
    }
}
