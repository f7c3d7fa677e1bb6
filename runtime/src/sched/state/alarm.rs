//! sysmon's alarm: how a thread that has something for sysmon ends its sleep.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics.)

use crate::sys::atomic::{AtomicBool, AtomicU32, Ordering, fence, maybe_const};
use crate::sys::futex;
use std::time::Duration;

/// See the [module](self).
pub(crate) struct Alarm {
    /// Bumped to end the sleep.
    note: AtomicU32,
    /// It sleeps for longer than the least delay.
    slow: AtomicBool,
    /// It sleeps without end.
    deep: AtomicBool,
    /// It was called to look closely for a while.
    hurried: AtomicBool,
}

maybe_const! {
    impl Alarm {
        /// It is awake.
        pub(crate) fn new() -> Self {
            Alarm {
                note: AtomicU32::new(0),
                slow: AtomicBool::new(false),
                deep: AtomicBool::new(false),
                hurried: AtomicBool::new(false),
            }
        }
    }
}

impl Alarm {
    // ---------------------------------------------------------------- the callers

    /// There may soon be something to watch closely.
    #[inline(always)]
    pub(crate) fn hurry(&self) {
        // Sequentially consistent: a thread that took a P off the idle list before sees the mark, or sysmon sees that
        // not all Ps are idle ([`sleep_idle`](Self::sleep_idle)).
        if self.slow.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// There is something to look at, once; from a signal's handler, async-signal-safe.
    pub(crate) fn hurry_in_handler(&self) {
        if self.slow.load(Ordering::SeqCst) {
            self.wake_in_handler();
        }
    }

    /// Not all Ps are idle any more.
    #[inline(always)]
    pub(crate) fn work_began(&self) {
        // Sequentially consistent, as are the change of `idle_ps` before it and both accesses in
        // `sleep_deeply`: either we see the mark, or sysmon sees that a P is not idle.
        if self.deep.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// Ends its sleep.
    #[cold]
    #[inline(never)]
    pub(crate) fn wake(&self) {
        self.hurried.store(true, Ordering::Relaxed);
        self.raise();
        futex::wake(&raw const self.note);
    }

    /// Ends its sleep, for one look; from a signal's handler, async-signal-safe.
    pub(crate) fn wake_in_handler(&self) {
        self.raise();
        futex::wake_in_handler(&raw const self.note);
    }

    fn raise(&self) {
        self.slow.store(false, Ordering::Relaxed);
        self.deep.store(false, Ordering::Relaxed);
        self.note.fetch_add(1, Ordering::SeqCst);
    }

    // ---------------------------------------------------------------- sysmon

    /// The note, for the sleeps: sysmon takes it before it looks at anything for which it may be called.
    pub(crate) fn note(&self) -> u32 {
        self.note.load(Ordering::SeqCst)
    }

    /// sysmon is about to sleep for longer: from here on it is called. What happened before it sees when it looks once more.
    pub(crate) fn announces_long_sleep(&self) {
        self.slow.store(true, Ordering::SeqCst);
        // What it looks at comes after that.
        fence(Ordering::SeqCst);
    }

    /// Was it called to look closely for a while, since it last asked?
    pub(crate) fn was_hurried(&self) -> bool {
        self.hurried.swap(false, Ordering::Relaxed)
    }

    /// sysmon sleeps, unless it was called since it took `note`; `slow`: for longer than the least delay. Was it
    /// called?
    pub(crate) fn sleep(&self, note: u32, slow: bool, delay: Duration) -> bool {
        self.slow.store(slow, Ordering::Relaxed);
        futex::wait(&self.note, note, Some(delay));
        self.note() != note
    }

    /// [`sleep`](Self::sleep) for the longer delay, if all Ps are `idle` once sysmon has said that the sleep may
    /// be long. A thread that runs again calls sysmon when there is something to watch.
    pub(crate) fn sleep_idle(
        &self,
        note: u32,
        delay: Duration,
        most: Duration,
        idle: impl FnOnce() -> bool,
    ) -> bool {
        self.slow.store(true, Ordering::SeqCst);
        let delay = if idle() { most } else { delay };
        futex::wait(&self.note, note, Some(delay));
        self.note() != note
    }

    /// sysmon sleeps until it is called, if all Ps are `idle` once it has said that it sleeps.
    pub(crate) fn sleep_deeply(&self, note: u32, slow: bool, idle: impl FnOnce() -> bool) -> bool {
        self.slow.store(slow, Ordering::Relaxed);
        self.deep.store(true, Ordering::SeqCst);
        if idle() {
            futex::wait(&self.note, note, None);
        }
        self.deep.store(false, Ordering::Relaxed);
        self.note() != note
    }
}
