//! Which Ps and Ms are idle, and which Ms look for work: the numbers by which publishers of work and Ms that
//! fall asleep agree.
//!
//! (`tests/models/loom` compiles this file against a model checker's atomics. The protocol, and why no work is
//! lost: README.md, "Falling asleep".)
//!
//! The lists of idle Ps and Ms are `SCHED`'s, under its lock; their lengths are changed here under that lock, and
//! read without it. All changes are sequentially consistent: sysmon and the proof of a deadlock look at several
//! numbers, and must not see a later change without an earlier one.

use crate::sys::atomic::{AtomicBool, AtomicU32, Ordering, maybe_const};
use crate::sys::barrier;

/// See the [module](self).
pub(crate) struct IdleState {
    ps: AtomicU32,
    ms: AtomicU32,
    /// Ms that look for work.
    spinning: AtomicU32,
    /// An M found work but no P: the next M about to sleep looks again.
    need_spinning: AtomicBool,
}

maybe_const! {
    impl IdleState {
        /// No P and no M is idle, and no M looks for work.
        pub(crate) fn new() -> Self {
            IdleState {
                ps: AtomicU32::new(0),
                ms: AtomicU32::new(0),
                spinning: AtomicU32::new(0),
                need_spinning: AtomicBool::new(false),
            }
        }
    }
}

impl IdleState {
    // ---------------------------------------------------------------- hints

    /// How many Ps are idle. A hint.
    #[inline(always)]
    pub(crate) fn ps(&self) -> u32 {
        self.ps.load(Ordering::Relaxed)
    }

    /// How many Ms are idle. A hint.
    pub(crate) fn ms(&self) -> u32 {
        self.ms.load(Ordering::Relaxed)
    }

    /// How many Ms look for work. A hint.
    #[inline(always)]
    pub(crate) fn spinning(&self) -> u32 {
        self.spinning.load(Ordering::Relaxed)
    }

    /// Should an M look again? A hint.
    pub(crate) fn is_asked(&self) -> bool {
        self.need_spinning.load(Ordering::Relaxed)
    }

    // ---------------------------------------------------------------- in order

    /// How many Ps are idle, in order with everything else here.
    pub(crate) fn ps_in_order(&self) -> u32 {
        self.ps.load(Ordering::SeqCst)
    }

    /// How many Ms are idle, in order.
    pub(crate) fn ms_in_order(&self) -> u32 {
        self.ms.load(Ordering::SeqCst)
    }

    /// Does no M look, and is no P idle? Then the thread that has a P in hand should see to it that one looks.
    pub(crate) fn nobody_looks_and_none_is_idle(&self) -> bool {
        self.spinning.load(Ordering::SeqCst) == 0 && self.ps_in_order() == 0
    }

    // ---------------------------------------------------------------- under SCHED.lock

    /// A P was put on the idle list.
    #[inline(always)]
    pub(crate) fn p_rests(&self) {
        self.ps.fetch_add(1, Ordering::SeqCst);
    }

    /// A P was taken off it.
    #[inline(always)]
    pub(crate) fn p_taken(&self) {
        self.ps.fetch_sub(1, Ordering::SeqCst);
    }

    /// An M was put on the idle list.
    pub(crate) fn m_rests(&self) {
        self.ms.fetch_add(1, Ordering::SeqCst);
    }

    /// An M was taken off it.
    pub(crate) fn m_taken(&self) {
        self.ms.fetch_sub(1, Ordering::SeqCst);
    }

    // ---------------------------------------------------------------- publishing work

    /// Work has been published: is one M to be woken for it? Not if an M looks already: it will find the
    /// work, or see it in its last look.
    #[inline(always)]
    pub(crate) fn needs_waking(&self) -> bool {
        // Between publishing and looking; pairs with `barrier::heavy` in `before_last_look`.
        barrier::light();
        self.ps() != 0 && self.spinning() == 0
    }

    /// Counts the M that is to be woken. `false`: another thread was faster.
    pub(crate) fn claim(&self) -> bool {
        self.spinning
            .compare_exchange(0, 1, Ordering::SeqCst, Ordering::Relaxed)
            .is_ok()
    }

    // ---------------------------------------------------------------- looking for work

    /// May one more M look? At most half of the busy Ps' number do, of `procs` in all.
    pub(crate) fn may_begin(&self, procs: u32) -> bool {
        2 * self.spinning() < procs.saturating_sub(self.ps())
    }

    /// An M begins to look.
    pub(crate) fn begin(&self) {
        self.spinning.fetch_add(1, Ordering::SeqCst);
    }

    /// It stops looking: it has found something, or gives up.
    pub(crate) fn end(&self) {
        self.spinning.fetch_sub(1, Ordering::SeqCst);
    }

    /// The M has stopped looking, or has made a P idle; a publisher may have relied on the opposite. Either the
    /// M sees the work when it looks after this call, or the publisher sees what was changed before it.
    pub(crate) fn before_last_look(&self) {
        // Pairs with `barrier::light` in `needs_waking`.
        barrier::heavy();
    }

    /// There is work, but no P: the next M that would sleep is to look again.
    pub(crate) fn ask(&self) {
        self.need_spinning.store(true, Ordering::SeqCst);
    }

    /// Is the caller, which would sleep, asked to look? Then it looks.
    pub(crate) fn is_asked_of_me(&self) -> bool {
        self.need_spinning.swap(false, Ordering::SeqCst)
    }

    /// An M looks from now on anyway.
    pub(crate) fn take_back(&self) {
        self.need_spinning.store(false, Ordering::Relaxed);
    }
}
