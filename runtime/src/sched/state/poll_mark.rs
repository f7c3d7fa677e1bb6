//! Which M blocks in the poller, and until when: how a thread that arms a timer and an M that sleeps agree.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics. README.md, "Falling asleep", "Timers".)
//!
//! One M at most blocks there. It marks itself, and then looks at the timers; the armer of a timer inserts it, and
//! then looks for the mark. So either the sleeper sees the timer, or the armer sees the sleeper.

use crate::sys::atomic::{AtomicI64, Ordering, fence, maybe_const};

/// See the [module](self). Times are nanoseconds on the monotonic clock.
pub(crate) struct PollMark {
    /// When the network was last polled; 0 while an M blocks there.
    last: AtomicI64,
    /// Until when that M will block; 0 = it has not said.
    until: AtomicI64,
}

maybe_const! {
    impl PollMark {
        /// No M blocks there.
        pub(crate) fn new() -> Self {
            PollMark {
                last: AtomicI64::new(1),
                until: AtomicI64::new(0),
            }
        }
    }
}

/// Which M must be woken for a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wake {
    /// None: the M in the poller wakes in time.
    Nobody,
    /// The one in the poller.
    Poller,
    /// An M, if one is idle: none blocks in the poller.
    M,
}

impl PollMark {
    /// Does an M block there? A hint.
    #[inline(always)]
    pub(crate) fn is_marked(&self) -> bool {
        self.last() == 0
    }

    /// When the network was last polled; 0: an M blocks there.
    #[inline(always)]
    pub(crate) fn last(&self) -> i64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Until when the M there blocks; 0 = there is none, or it has not said. A hint.
    pub(crate) fn until(&self) -> i64 {
        self.until.load(Ordering::Relaxed)
    }

    /// A timer that is due at `when` was put into a heap. Which M is to be woken?
    pub(crate) fn armed(&self, when: i64) -> Wake {
        // Pairs with the fence in `begin`.
        fence(Ordering::SeqCst);
        match self.last.load(Ordering::SeqCst) {
            0 if self.wakes_after(when) => Wake::Poller,
            0 => Wake::Nobody,
            _ => Wake::M,
        }
    }

    /// Does the M that blocks there wake after `when`? As long as it has not said until when it blocks, it may
    /// have looked at the timers before ours was there.
    fn wakes_after(&self, when: i64) -> bool {
        let until = self.until.load(Ordering::SeqCst);
        until == 0 || until > when
    }

    /// An M is about to fall asleep. It may have armed a timer without waking another M, because it would look
    /// itself. `first()` is the first of all timers, `i64::MAX` if there is none. `true`: another M blocks in
    /// the poller already; and is it to be woken?
    pub(crate) fn is_taken(&self, first: impl FnOnce() -> i64) -> Option<Wake> {
        // Between the timer and the mark of the M that blocks there; pairs with the fence in `begin`.
        fence(Ordering::SeqCst);
        if self.last.load(Ordering::SeqCst) != 0 {
            return None;
        }
        let first = first();
        Some(if first != i64::MAX && self.wakes_after(first) {
            Wake::Poller
        } else {
            Wake::Nobody
        })
    }

    /// The M marks itself. `false`: another one has. It looks at the timers after this call, and then says until
    /// when it blocks.
    pub(crate) fn begin(&self) -> bool {
        if self.last.swap(0, Ordering::SeqCst) == 0 {
            return false;
        }
        // Pairs with the fences in `armed` and `is_taken`: a timer armed now is either seen after this, or its
        // owner sees the mark.
        fence(Ordering::SeqCst);
        true
    }

    /// It blocks until `first`.
    pub(crate) fn blocks_until(&self, first: i64) {
        self.until.store(first.max(1), Ordering::SeqCst);
    }

    /// It is back, at `now`.
    pub(crate) fn end(&self, now: i64) {
        self.until.store(0, Ordering::SeqCst);
        self.last.store(now.max(1), Ordering::SeqCst);
    }

    /// sysmon is about to poll, and has seen `last`. Not if an M has begun to block there meanwhile: its mark must
    /// stay.
    pub(crate) fn touch(&self, last: i64, now: i64) -> bool {
        self.last
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}
